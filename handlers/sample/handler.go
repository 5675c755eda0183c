package sample

import (
	"cmp"
	"context"
	"log/slog"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/forward"
	"github.com/slogtel/telemetry/internal/slogattrs"
	"github.com/slogtel/telemetry/internal/tally"
	"github.com/slogtel/telemetry/scope"
)

// handler is immutable. Its Root lacks a sample_rate that WithAttrs added: here records get theirs.
type handler struct {
	forward.Rooted
	sampler *Sampler
	facts   facts // of what WithAttrs added
}

var _ slog.Handler = (*handler)(nil)

func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	rate, had, keep := h.decide(ctx, &r)
	if !keep {
		h.sampler.dropped.Add(1)
		return nil
	}
	h.sampler.kept.Add(1)
	if rate == 1 {
		return h.Next.Handle(ctx, r)
	}
	attr := slog.Float64(KeySampleRate, rate)
	switch {
	case !had && !h.Grouped():
		return slogattrs.HandleWith(ctx, h.Next, r, h.Retained, attr)
	case !had:
		return h.AtRoot(ctx, r, attr)
	}
	rest := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	own := h.Grouped() && !isTelemetryMessage(r.Message) // a sample_rate in the app's own group is the app's
	r.Attrs(func(a slog.Attr) bool {
		if _, is := rateOf(a); !is || own {
			rest.AddAttrs(a)
		}
		return true
	})
	return h.AtRoot(ctx, rest, attr)
}

// decide says whether r is kept, and the rate to write on it: 1 for none, or to leave
// what is there. Had says that r, or With, has one already.
func (h *handler) decide(ctx context.Context, r *slog.Record) (rate float64, had, keep bool) {
	s := h.sampler
	if r.Level >= s.opts.KeepLevel.Level() || r.Message == event.MessageSummary || r.Message == event.MessageMetric && !s.opts.Metrics {
		return 1, false, true
	}
	f := h.facts
	inGroup := h.Grouped() && !isTelemetryMessage(r.Message)
	r.Attrs(func(a slog.Attr) bool {
		if inGroup { // of the app's own, as in WithAttrs
			f.failed = f.failed || isErrorAttr(a)
			return true
		}
		switch len(a.Key) { // most are of no interest
		case len(""), len(event.KeyScope), len(event.KeyTraceID), len(KeySampleRate):
			f.add(a)
		}
		return true
	})
	if f.scope == "" && isTelemetryMessage(r.Message) {
		var e event.Sample // some handlers put the groups of WithGroup into the record
		if e.ReadFrom(r) {
			f.scope, f.failed = e.Scope, f.failed || e.Error != ""
			f.traceID = cmp.Or(e.TraceID, f.traceID)
		}
	}
	if f.failed {
		return 1, false, true
	}
	var info scope.Info
	if f.scope == "" || f.traceID == "" {
		info, _ = scope.FromContext(ctx)
	}
	if f.scope == "" {
		f.scope = info.Path
	}
	if f.traceID == "" {
		f.traceID = info.TraceID
	}
	if f.scope == "" {
		return 1, false, true
	}
	rate = s.rateOf(f.scope)
	if rate == 1 || s.opts.Keep != nil && s.opts.Keep(ctx, *r) {
		return 1, false, true
	}
	had = f.rate != 0
	before := 1.0
	if had {
		before = f.rate
	}
	total := rate * before
	if rate > 0 && total < tally.MinRate { // no reader would believe it
		total = min(tally.MinRate, before)
	}
	if bits, ok := tally.TraceBits(f.traceID); ok {
		// Those that come with a rate are such as it has kept: of these the new rate keeps
		// its share if it is the product that is compared.
		return total, had, bits >= tally.Threshold(total)
	}
	return total, had, total > 0 && s.opts.Random() < total/before
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	h2 := &handler{h.AddAttrs(attrs), h.sampler, h.facts}
	if h.Grouped() {
		for _, a := range attrs {
			h2.facts.failed = h2.facts.failed || isErrorAttr(a)
		}
		return h2
	}
	var rest []slog.Attr
	for _, a := range attrs {
		h2.facts.add(a)
		if _, is := rateOf(a); !is {
			rest = append(rest, a)
		}
	}
	if h2.facts.rate != 0 {
		if h2.Root = h.Root; len(rest) > 0 {
			h2.Root = h.Root.WithAttrs(rest)
		}
	}
	return h2
}

func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &handler{h.AddGroup(name), h.sampler, h.facts}
}
