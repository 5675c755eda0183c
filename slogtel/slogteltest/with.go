package slogteltest

import (
	"context"
	"log/slog"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/slogattrs"
)

// derived is a Recorder seen through WithAttrs and WithGroup.
type derived struct {
	*Recorder
	with
}

// with is what WithAttrs and WithGroup added, for records and for events.
type with struct {
	added slogattrs.Added
	bound event.Bound
}

func (d *derived) Handle(ctx context.Context, r slog.Record) error {
	d.add(ctx, r, d.with)
	return nil
}

func (d *derived) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return d
	}
	attrs = copyAttrs(attrs)
	return &derived{d.Recorder, with{d.added.WithAttrs(attrs), d.bound.WithAttrs(attrs)}}
}

func (d *derived) WithGroup(name string) slog.Handler {
	if name == "" {
		return d
	}
	return &derived{d.Recorder, with{d.added.WithGroup(name), d.bound.WithGroup(name)}}
}

// record returns a copy of r that has the attributes and groups of w in it.
func (w with) record(r slog.Record) slog.Record {
	c := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	c.AddAttrs(copyAttrs(w.added.Nest(r))...)
	return c
}
