package statsd

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
)

// A Handler sends telemetry records to a StatsD daemon. It ignores ordinary log
// records. It is safe for concurrent use; those derived from it share all but the
// tags that WithAttrs has added.
type Handler struct {
	client *client
	base   boundTags
	open   []byte // names of the open groups, each with a dot after it
}

var _ slog.Handler = (*Handler)(nil)

// Enabled returns true: the level of telemetry is chosen where it is made.
func (h *Handler) Enabled(context.Context, slog.Level) bool { return true }

// Handle takes one record. It never waits for the daemon, and returns no error:
// see [Handler.Stats] for what became of it.
func (h *Handler) Handle(_ context.Context, r slog.Record) error {
	c := h.client
	var s sample
	switch c.tags.read(&r, &s) {
	case notOurs:
		return nil
	case noForm:
		c.skipped.Add(1)
		return nil
	}
	rate := c.rates[s.kind]
	if s.rate != 0 && s.rate*rate < minRate {
		c.skipped.Add(1)
		return nil
	}
	if rate < 1 && rand.Float64() >= rate {
		c.sampledOut.Add(1)
		return nil
	}
	c.add(&s, &h.base)
	return nil
}

// RetainsRecords returns false, see slogtel.RetainsRecords.
func (*Handler) RetainsRecords() bool { return false }

// WithAttrs returns a handler that adds those of attrs that [Options.TagKeys] lists
// to each event as tags. Their values are taken now.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	var f foundTags
	h.client.tags.takeAll(&f, h.open, attrs)
	d := *h
	d.base = h.base.with(&f, h.client.values, h.client.seed)
	return &d
}

// WithGroup returns a handler for which the attributes of later calls of WithAttrs
// are in the group name. A record's own attributes are not: they belong to the
// event, wherever it is handled.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	d := *h
	d.open = slices.Clip(slices.Concat(h.open, []byte(name), []byte(".")))
	return &d
}

// Flush sends what was handed over before, without waiting for the end of the
// interval, and returns when the kernel has taken it. It returns an error when the
// daemon cannot be reached, and when ctx is done first; what was not sent stays
// queued. After Shutdown there is nothing to flush.
func (h *Handler) Flush(ctx context.Context) error { return h.client.flush(ctx) }

// Shutdown sends what was handed over before, closes the socket and ends the
// handler's goroutines. Later events are counted as dropped. It returns when all
// is done, or ctx is; where ctx has no deadline, after five seconds at the latest.
// The error says how many events were lost. Only the first call does anything;
// later ones wait for it.
func (h *Handler) Shutdown(ctx context.Context) error { return h.client.shutdown(ctx) }

// Stats returns the counts so far, of h and all handlers derived from the same New.
func (h *Handler) Stats() Stats { return h.client.stats() }
