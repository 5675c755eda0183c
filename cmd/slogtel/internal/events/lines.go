package events

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
