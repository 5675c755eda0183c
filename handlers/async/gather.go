package async

import (
	"context"
	"io"
	"log/slog"
)

// A gather takes the lines of a JSON handler whose destination is a file, so that the
// worker writes those of a chunk at once. Only the worker uses it. Other destinations may
// be such as want each line by itself.
type gather struct {
	write   func([]byte) error
	buf     []byte
	records int64 // whose lines are in buf
}

const (
	gatherFull = 64 << 10 // bytes at which they are written before its end
	gatherKeep = 1 << 20  // greatest buffer that is used again
)

// A gatherer is a handler, as that of JSON, whose lines can be taken before they are written.
type gatherer interface {
	Gather(w io.Writer) (to slog.Handler, write func(lines []byte) error, ok bool)
}

// gathering returns next, or what stands in for it and writes to the gather.
func gathering(next slog.Handler) (slog.Handler, *gather) {
	h, ok := next.(gatherer)
	if !ok {
		return next, nil
	}
	g := &gather{}
	to, write, ok := h.Gather(g)
	if !ok {
		return next, nil
	}
	g.write = write
	return to, g
}

func (g *gather) Write(line []byte) (int, error) {
	g.buf = append(g.buf, line...)
	return len(line), nil
}

func (g *gather) full() bool { return g != nil && len(g.buf) >= gatherFull }

// writeGathered writes what was gathered; if that fails, all of its records have failed.
func (q *queue) writeGathered() error {
	g := q.gather
	if g == nil || len(g.buf) == 0 {
		return nil
	}
	err := g.write(g.buf)
	n := g.records
	g.records = 0
	if g.buf = g.buf[:0]; cap(g.buf) > gatherKeep {
		g.buf = nil
	}
	q.count(context.Background(), n, err, false)
	return err
}
