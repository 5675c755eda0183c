package forward

import (
	"context"
	"log/slog"

	"github.com/slogtel/telemetry/internal/slogattrs"
)

// Rooted is what a middleware embeds that adds attributes at the root of records, also when the
// logger has open groups. It is immutable.
type Rooted struct {
	Optional
	Next   slog.Handler    // with all that WithAttrs and WithGroup added
	Root   slog.Handler    // with what they added before the first group was opened
	Inside slogattrs.Added // what they added since
	Last   bool            // what is added stands behind the groups

	Retained bool // Next may retain records
}

// NewRooted returns what a middleware in front of next begins with.
func NewRooted(next slog.Handler) Rooted {
	return Rooted{Optional: Optional{To: next}, Next: next, Root: next, Retained: Retains(next)}
}

// Enabled asks the next handler.
func (h *Rooted) Enabled(ctx context.Context, l slog.Level) bool { return h.Next.Enabled(ctx, l) }

// Grouped reports whether a group is open.
func (h *Rooted) Grouped() bool { return len(h.Inside) > 0 }

// AddAttrs returns h with what WithAttrs adds.
func (h *Rooted) AddAttrs(attrs []slog.Attr) Rooted {
	h2 := *h
	h2.Next = h.Next.WithAttrs(attrs)
	h2.Retained = Retains(h2.Next)
	if h.Grouped() {
		h2.Inside = h.Inside.WithAttrs(attrs)
	} else {
		h2.Root = h2.Next
	}
	return h2
}

// AddGroup returns h with a group opened, whose name is not empty.
func (h *Rooted) AddGroup(name string) Rooted {
	h2 := *h
	h2.Next = h.Next.WithGroup(name)
	h2.Retained = Retains(h2.Next)
	h2.Inside = h.Inside.WithGroup(name)
	return h2
}

// AtRoot gives the next handler r with more attributes, by way of Root, which may lack some
// attributes of Next. Where no group is open and nothing is lacking, slogattrs.HandleWith is quicker.
func (h *Rooted) AtRoot(ctx context.Context, r slog.Record, more ...slog.Attr) error {
	all := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	if !h.Last {
		all.AddAttrs(more...)
	}
	all.AddAttrs(h.Inside.Nest(r)...)
	if h.Last {
		all.AddAttrs(more...)
	}
	return h.Root.Handle(ctx, all)
}
