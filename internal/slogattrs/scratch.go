package slogattrs

import (
	"context"
	"log/slog"
	"sync"
)

// scratchAttrs is how many attributes a Scratch has place for: the 13 of a timing in a
// trace, and as many more as a request of package httptel has.
const scratchAttrs = 24

// A Pool has Scratches that begin with the same attributes. These stay from one event to the
// next, with the values of the last one: [Set] then writes a number where it would write
// two pointers as well, and that is far cheaper while the collector runs.
type Pool struct {
	first []slog.Attr
	pool  sync.Pool
}

// NewPool returns a Pool whose Scratches begin with these attributes, which are fewer than a
// Scratch has place for.
func NewPool(first ...slog.Attr) *Pool { return &Pool{first: first} }

// A Scratch is where the attributes of one event are gathered. Where no handler retains
// records, it also holds most of the record's attributes until the record has been handled.
type Scratch struct {
	of    *Pool
	attrs [scratchAttrs]slog.Attr
}

// Get returns a Scratch. [Scratch.Free] lets others use it.
func (p *Pool) Get() *Scratch {
	if s, ok := p.pool.Get().(*Scratch); ok {
		return s
	}
	s := &Scratch{of: p}
	copy(s.attrs[:], p.first)
	return s
}

// Attrs returns the first attributes, with place for others behind them.
func (s *Scratch) Attrs() []slog.Attr { return s.attrs[:len(s.of.first)] }

// Free gives s back. At most used of its attributes were set. The first ones stay, and keep the
// last series alive; the rest is cleared.
func (s *Scratch) Free(used int) {
	if from := len(s.of.first); used > from {
		clear(s.attrs[from:min(used, scratchAttrs)])
	}
	s.of.pool.Put(s)
}

// scratches are those of HandleWith.
var scratches = NewPool()

// HandleWith gives h a record that has the attributes of r and then more. Retained says
// that h may retain records; where it does not, nothing is allocated for most records.
func HandleWith(ctx context.Context, h slog.Handler, r slog.Record, retained bool, more ...slog.Attr) error {
	if retained || !known {
		r = r.Clone()
		r.AddAttrs(more...)
		return h.Handle(ctx, r)
	}
	s := scratches.Get()
	l := inside(&r)
	list := append(append(append(s.Attrs(), l.front[:l.nFront]...), l.back...), more...)
	with := slog.Record{PC: r.PC}
	SetRecord(&with, r.Time, r.Level, r.Message, list, false)
	err := h.Handle(ctx, with)
	s.Free(len(list))
	return err
}
