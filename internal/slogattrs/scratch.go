package slogattrs

import (
	"context"
	"log/slog"
	"sync"
)

// scratchAttrs is how many attributes a Scratch has place for: the 13 of a timing in a
// trace, and as many more as a request of package httptel has.
const scratchAttrs = 24

// A Scratch is where the attributes of one event are gathered. Where no handler retains
// records, it also holds most of the record's attributes until the record has been handled.
type Scratch [scratchAttrs]slog.Attr

var scratches = sync.Pool{New: func() any { return new(Scratch) }}

// NewScratch returns an empty Scratch, which [Scratch.Free] lets others use.
func NewScratch() *Scratch { return scratches.Get().(*Scratch) }

// Free gives s back. At most used of its attributes were set.
func (s *Scratch) Free(used int) {
	clear(s[:min(used, scratchAttrs)]) // keep nothing alive
	scratches.Put(s)
}

// HandleWith gives h a record that has the attributes of r and then more. Retained says
// that h may retain records; where it does not, nothing is allocated for most records.
func HandleWith(ctx context.Context, h slog.Handler, r slog.Record, retained bool, more ...slog.Attr) error {
	if retained || !known {
		r = r.Clone()
		r.AddAttrs(more...)
		return h.Handle(ctx, r)
	}
	s := NewScratch()
	l := inside(&r)
	list := append(append(append(s[:0], l.front[:l.nFront]...), l.back...), more...)
	with := NewRecord(r.Time, r.Level, r.Message, list, false)
	with.PC = r.PC
	err := h.Handle(ctx, with)
	s.Free(len(list))
	return err
}
