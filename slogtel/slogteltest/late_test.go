package slogteltest_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
)

// late writes records with that message when the next one comes, or it is flushed.
type late struct {
	slog.Handler
	which string
	mu    sync.Mutex
	last  func() error
}

func (*late) RetainsRecords() bool { return false }

func (h *late) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &inTime{h, h.Handler.WithAttrs(attrs)}
}
func (h *late) WithGroup(name string) slog.Handler { return &inTime{h, h.Handler.WithGroup(name)} }

func (h *late) Handle(ctx context.Context, r slog.Record) error {
	return h.later(r.Message == h.which, func() error { return h.Handler.Handle(ctx, r) })
}

// later writes what is late, and then writes, or is late again.
func (h *late) later(again bool, write func() error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	err := h.write()
	if again {
		h.last = write
		return err
	}
	return errors.Join(err, write())
}

func (h *late) Flush(context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.write()
}

func (h *late) write() error {
	last := h.last
	if h.last = nil; last == nil {
		return nil
	}
	return last()
}

// inTime writes at once.
type inTime struct {
	late *late
	slog.Handler
}

func (h *inTime) Flush(ctx context.Context) error { return h.late.Flush(ctx) }

func (h *inTime) Handle(ctx context.Context, r slog.Record) error {
	return h.late.later(false, func() error { return h.Handler.Handle(ctx, r) })
}

func (h *inTime) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &inTime{h.late, h.Handler.WithAttrs(attrs)}
}
func (h *inTime) WithGroup(name string) slog.Handler {
	return &inTime{h.late, h.Handler.WithGroup(name)}
}

// lateWith is late only where attributes were added.
type lateWith struct{ late late }

func (h *lateWith) RetainsRecords() bool                           { return false }
func (h *lateWith) Flush(ctx context.Context) error                { return h.late.Flush(ctx) }
func (h *lateWith) Enabled(ctx context.Context, l slog.Level) bool { return h.late.Enabled(ctx, l) }
func (h *lateWith) WithGroup(name string) slog.Handler             { return h.late.WithGroup(name) }
func (h *lateWith) Handle(ctx context.Context, r slog.Record) error {
	return (&inTime{&h.late, h.late.Handler}).Handle(ctx, r)
}

func (h *lateWith) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &derivedLate{inTime{&h.late, h.late.Handler.WithAttrs(attrs)}}
}

type derivedLate struct{ inTime inTime }

func (h *derivedLate) RetainsRecords() bool            { return false }
func (h *derivedLate) Flush(ctx context.Context) error { return h.inTime.Flush(ctx) }
func (h *derivedLate) Enabled(ctx context.Context, l slog.Level) bool {
	return h.inTime.Enabled(ctx, l)
}
func (h *derivedLate) WithGroup(name string) slog.Handler       { return h.inTime.WithGroup(name) }
func (h *derivedLate) WithAttrs(attrs []slog.Attr) slog.Handler { return h.inTime.WithAttrs(attrs) }
func (h *derivedLate) Handle(ctx context.Context, r slog.Record) error {
	return h.inTime.late.later(true, func() error { return h.inTime.Handler.Handle(ctx, r) })
}
