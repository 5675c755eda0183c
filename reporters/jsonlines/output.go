package jsonlines

import (
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
)

// output is the writer behind a handler: it gets whole lines, one at a time, and pads or cuts
// them. Write is called under the handler's lock.
type output struct {
	w         io.Writer
	maxLine   int // newline included; 0: no limit
	fixedTime bool
	layout    cutLayout
	renames   renames

	mu      sync.Mutex // the lock of the ECS handlers; package slogjson has its own
	scratch []byte     // guarded by the handler's lock

	truncated, dropped atomic.Int64
	lastError          atomic.Pointer[error]
}

func newOutput(w io.Writer, o *Options) *output {
	if w == nil {
		w = io.Discard
	}
	out := &output{w: w, maxLine: o.MaxLine, layout: flatLayout}
	switch {
	case o.MaxLine == 0:
		out.maxLine = DefaultMaxLine
	case o.MaxLine < 0:
		out.maxLine = 0
	case o.MaxLine < minMaxLine:
		out.maxLine = minMaxLine
	}
	switch o.Schema {
	case ECS:
		out.layout = ecsLayout
	case GoogleCloud, Datadog, EMF:
		out.layout = cloudLayout
	default:
		out.fixedTime = o.FixedTime
		if o.ReplaceAttr != nil {
			out.layout.original = out.renames.original
		}
	}
	return out
}

// Write writes one line, which ends with a newline. It takes all of it or nothing.
func (o *output) Write(line []byte) (int, error) {
	out := line
	if o.fixedTime {
		out = o.padTime(out)
	}
	if o.maxLine > 0 && len(out) > o.maxLine {
		out = o.layout.cut(out, o.maxLine)
		o.truncated.Add(1)
	}
	n, err := o.w.Write(out)
	if err == nil && n < len(out) {
		err = io.ErrShortWrite
	}
	if err != nil {
		o.dropped.Add(1)
		setError(&o.lastError, err)
		return 0, err
	}
	return len(line), nil
}

// writeLine is Write for handlers that have no lock of their own.
func (o *output) writeLine(line []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, err := o.Write(line)
	return err
}

func (o *output) stats() Stats {
	s := Stats{Truncated: o.truncated.Load(), Dropped: o.dropped.Load()}
	if err := o.lastError.Load(); err != nil {
		s.LastError = *err
	}
	return s
}

// setError is a function of its own so that only an error costs an allocation.
func setError(to *atomic.Pointer[error], err error) { to.Store(&err) }

// timeStart is how a line starts whose record has a time, unless ReplaceAttr has renamed it.
const timeStart = `{"` + slog.TimeKey + `":"`

// padTime returns a copy of line, in o.scratch, in which the time has nine digits
// after the second; or line, when its time is not in UTC or not at its start.
func (o *output) padTime(line []byte) []byte {
	start := len(timeStart)
	if len(line) < start || string(line[:start]) != timeStart {
		if start = firstString(line); start < 0 {
			return line
		}
	}
	end := start + len("2006-01-02T15:04:05")
	if len(line) < end+len(`.000000000Z"`) || line[start+len("2006")] != '-' || line[start+len("2006-01-02")] != 'T' {
		return line
	}
	z := end // of the Z
	for line[z] == '.' || '0' <= line[z] && line[z] <= '9' {
		z++
	}
	if line[z] != 'Z' || line[z+1] != '"' || z-end > len(".000000000") {
		return line
	}
	b := append(o.scratch[:0], line[:z]...)
	b = appendFraction(b, z-end)
	b = append(b, line[z:]...)
	if cap(b) <= maxPooledLine {
		o.scratch = b
	}
	return b
}

// firstString returns where the first value of a line begins, which is a string, or -1.
func firstString(line []byte) int {
	if len(line) < 2 || line[0] != '{' || line[1] != '"' {
		return -1
	}
	i := stringEnd(line, 1)
	if i < 0 || i+2 > len(line) || line[i] != ':' || line[i+1] != '"' {
		return -1
	}
	return i + 2
}

// appendFraction appends what is missing of nine digits when the fraction of a second,
// point included, has n bytes.
func appendFraction(b []byte, n int) []byte {
	const full = ".000000000"
	return append(b, full[n:]...)
}

// maxPooledLine bounds the memory that is kept for another line.
const maxPooledLine = 64 << 10
