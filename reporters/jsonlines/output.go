package jsonlines

import (
	"io"
	"sync"
	"sync/atomic"
)

// output is the writer behind a handler: it gets whole lines, one at a time, and cuts them. Write is called under the handler's lock.
type output struct {
	w       io.Writer
	maxLine int // newline included; 0: no limit
	layout  cutLayout
	renames renames

	mu sync.Mutex // of lines that are not flat; package slogjson has its own

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
		out.layout = rootLayout(cloudFormats[o.Schema].reserved)
	default:
		if o.ReplaceAttr != nil {
			out.layout.original = out.renames.original
		}
	}
	return out
}

// Write writes one line, which ends with a newline. It takes all of it or nothing.
func (o *output) Write(line []byte) (int, error) {
	out := line
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

// maxPooledLine bounds the memory that is kept for another line.
const maxPooledLine = 64 << 10
