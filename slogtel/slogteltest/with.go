package slogteltest

import (
	"context"
	"log/slog"
	"slices"
)

// derived is a Recorder seen through WithAttrs and WithGroup.
type derived struct {
	*Recorder
	with steps
}

func (d *derived) Handle(ctx context.Context, r slog.Record) error {
	d.add(ctx, r, d.with)
	return nil
}

func (d *derived) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return d
	}
	return &derived{d.Recorder, append(slices.Clip(d.with), step{bound: copyAttrs(attrs)})}
}

func (d *derived) WithGroup(name string) slog.Handler {
	if name == "" {
		return d
	}
	return &derived{d.Recorder, append(slices.Clip(d.with), step{group: name})}
}

// steps are calls of WithAttrs and WithGroup, the first one first.
type steps []step

// A step adds attributes, or else opens a group.
type step struct {
	bound []slog.Attr
	group string
}

// attrs returns a copy of inner, which the caller gives up, as it stands inside
// the groups and behind the attributes of s.
func (s steps) attrs(inner []slog.Attr) []slog.Attr {
	for _, step := range slices.Backward(s) {
		switch {
		case step.group == "":
			inner = append(copyAttrs(step.bound), inner...)
		case len(inner) > 0: // an empty group leaves no trace
			inner = []slog.Attr{{Key: step.group, Value: slog.GroupValue(inner...)}}
		}
	}
	return inner
}

// record returns a copy of r that has the attributes and groups of s in it.
func (s steps) record(r slog.Record) slog.Record {
	own := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		own = append(own, a)
		return true
	})
	c := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	c.AddAttrs(s.attrs(copyAttrs(own))...)
	return c
}
