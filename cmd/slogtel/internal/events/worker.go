package events

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A worker reads lines and hands events to its Sink.
type worker struct {
	opts    *Options
	sink    Sink
	decode  decoder
	counts  Counts
	wraps   wraps
	log     []byte   // space of what Docker wrapped
	members []Member // of such a line
	once    *once    // nil: all events are handed on
	turns   *turns   // nil: there is one worker
	number  int      // of the chunk
	onLine  func(at Position, line []byte, v Verdict, err error)
}

func newWorker(o *Options, sink Sink, seen *once) *worker {
	always := func(string) bool { return true }
	match := always
	if o.Scope != "" {
		match = globMatch(o.Scope)
	}
	w := &worker{opts: o, sink: sink, once: seen, decode: decoder{
		attrs: o.Attrs, keys: o.Keys, scopes: newInterner(match), words: newInterner(always),
	}}
	if s, ok := sink.(LineSink); ok {
		w.onLine = s.Line
	}
	if s, ok := sink.(interface{ take(*worker) }); ok {
		s.take(w)
	}
	return w
}

func (w *worker) run(ctx context.Context, chunks <-chan *chunk, free chan<- *chunk) {
	for {
		select {
		case <-ctx.Done():
			w.turns.end(-1)
			return
		case c, ok := <-chunks:
			if !ok || ctx.Err() != nil {
				w.turns.end(-1)
				return
			}
			w.number = c.number
			w.chunk(c)
			w.turns.end(c.number)
			if s, ok := w.sink.(ChunkSink); ok {
				s.EndChunk(c.number)
			}
			select {
			case free <- c:
			default:
			}
		}
	}
}

func (w *worker) chunk(c *chunk) {
	at := Position{c.name, c.line}
	if c.tooLong {
		w.counts.Read++
		w.bad(at, nil, w.tooLong())
		return
	}
	w.counts.Bytes += int64(len(c.data))
	if w.counts.Looks == "" {
		w.counts.Looks = c.looks
	}
	if c.document {
		w.records(at, c.data)
		return
	}
	for data := c.data; len(data) > 0; at.Line++ {
		line := data
		if end := bytes.IndexByte(data, '\n'); end >= 0 {
			line, data = data[:end], data[end+1:]
		} else {
			data = nil
		}
		w.line(at, line)
	}
	w.endChunk()
}

func (w *worker) tooLong() error {
	return fmt.Errorf("line longer than %d bytes", w.opts.MaxLine)
}

// line reads a line of an input.
func (w *worker) line(at Position, line []byte) {
	if len(line) > w.opts.MaxLine {
		w.counts.Read++
		w.bad(at, nil, w.tooLong())
		return
	}
	switch {
	case len(line) == 0:
		return
	case line[0] == '{':
		if !bytes.HasPrefix(line, []byte(dockerPrefix)) || !w.docker(at, line) {
			w.json(at, line)
		}
	case isCRI(line):
		w.cri(at, line)
	default:
		w.other(at, line)
	}
}

// other reads a line that begins with no brace.
func (w *worker) other(at Position, line []byte) {
	switch trimmed := bytes.TrimSpace(line); {
	case len(trimmed) == 0:
	case trimmed[0] == '{':
		w.json(at, trimmed)
	case w.search(at, trimmed, maxNested):
		w.opts.OnText(at, trimmed, true)
	default:
		w.counts.Read++
		if err := noise(trimmed); err != nil {
			w.bad(at, trimmed, err)
			return
		}
		w.skipped(at, line)
	}
}

// noise says whether a line that is no JSON object looks like a part of one of ours.
func noise(line []byte) error {
	if bytes.IndexByte(line, 0) >= 0 {
		return errors.New("NUL bytes, as a crash leaves behind")
	}
	if line[len(line)-1] == '}' && hasOwnKey(line) {
		return errors.New("the end of a line whose beginning is missing")
	}
	return nil
}

func hasOwnKey(line []byte) bool {
	return slices.ContainsFunc(ownKeys, func(key []byte) bool { return bytes.Contains(line, key) })
}

// ownKeys are of events and hardly of anything else.
var ownKeys = [][]byte{[]byte(`"telemetry.`), []byte(`"parent_scope":`), []byte(`"duration_s":`), []byte(`"call_count":`)}

// json reads a JSON object: an event, an ordinary log, or one around others.
func (w *worker) json(at Position, line []byte) {
	v, err := w.decode.decode(line)
	if v != IsEvent && w.search(at, line, maxNested) {
		w.opts.OnText(at, line, true)
		return
	}
	w.counts.Read++
	switch {
	case err != nil:
		w.bad(at, line, err)
	case v == IsSkipped:
		w.skipped(at, line)
	default:
		w.event(at, line)
	}
}

func (w *worker) skipped(at Position, line []byte) {
	w.counts.Skipped++
	w.opts.OnText(at, line, false)
	if w.onLine != nil {
		w.onLine(at, line, IsSkipped, nil)
	}
}

func (w *worker) bad(at Position, line []byte, err error) {
	w.counts.Bad++
	w.opts.OnBad(at, err)
	if w.onLine != nil {
		w.onLine(at, line, IsBad, err)
	}
}

func (w *worker) event(at Position, line []byte) {
	e := &w.decode.event
	if !w.wanted(e) {
		w.counts.Filtered++
		return
	}
	if w.once != nil {
		if h := w.once.identity(e); h != 0 {
			again, forgot := w.once.add(e.Time.UnixNano()>>onceShift, h)
			w.counts.Unknown += forgot
			if again {
				w.counts.Twice++
				return
			}
		}
	}
	e.Source = at
	w.counts.Used++
	if w.onLine != nil {
		w.onLine(at, line, IsEvent, nil)
	}
	w.sink.Event(e)
}

func (w *worker) wanted(e *Event) bool {
	o := w.opts
	if !w.decode.matches {
		return false
	}
	if !o.Since.IsZero() && (e.Time.IsZero() || e.Time.Before(o.Since)) ||
		!o.Until.IsZero() && (e.Time.IsZero() || !e.Time.Before(o.Until)) {
		w.counts.Outside.Include(e.Time)
		return false
	}
	for i := range o.Where {
		if !o.Where[i].holds(e) {
			return false
		}
	}
	return true
}

// Lines reads lines that come one by one, as from a file that grows. It is not safe for
// concurrent use.
type Lines struct{ w *worker }

// NewLines returns a reader that hands events to sink. Of the options, those about
// inputs have no meaning.
func NewLines(opts Options, sink Sink) *Lines {
	opts.Inputs = []string{stdinName}
	o, _ := opts.withDefaults()
	return &Lines{newWorker(&o, sink, nil)}
}

// Line reads a line, without its newline.
func (l *Lines) Line(at Position, line []byte) { l.w.line(at, line) }

// End is to be called where an input ends: parts of a line that have no end are bad.
func (l *Lines) End() { l.w.endChunk() }

// Counts returns what became of the lines so far.
func (l *Lines) Counts() Counts { return l.w.counts }

// globMatch returns what matches a pattern, in which * stands for any characters, dots too, and ? for one.
func globMatch(pattern string) func(string) bool {
	text := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile(`(?s)^` + text + `$`).MatchString
}
