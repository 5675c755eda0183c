package prometheus

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	prom "github.com/prometheus/client_golang/prometheus"
)

// A Handler turns telemetry records into metrics of a Prometheus registry. It
// ignores ordinary log records. It is safe for concurrent use; those derived from
// it share all but the labels that WithAttrs has added.
//
// It has no Shutdown and needs none: there is nothing to flush, no goroutine and no
// socket, and the last scrape, or a push, still finds all values when the Telemetry
// was shut down. See [Handler.Unregister].
type Handler struct {
	store *store
	bound boundLabels
	open  string // names of the open groups, each with a dot behind it
}

var _ slog.Handler = (*Handler)(nil)

// New returns a handler whose metrics are in reg. A nil reg is
// [prom.DefaultRegisterer], the one that promhttp.Handler shows. Nil opts are the
// defaults; they are copied.
//
// It is an error when an option is malformed, when reg itself adds one of the labels, and when reg has
// the metrics of another handler with the same namespace: an app needs one handler, which all its
// Telemetry objects and loggers can share.
func New(reg prom.Registerer, opts *Options) (*Handler, error) {
	if reg == nil {
		reg = prom.DefaultRegisterer
	}
	o, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	labels, err := newLabelKeys(o.LabelKeys, o.ScopeLabel, o.UTF8Names)
	if err != nil {
		return nil, err
	}
	s := &store{registerer: reg, options: o, labels: labels, families: make(map[string]*family), helps: make(map[string]string), start: time.Now()}
	if o.Namespace != "" {
		s.prefix = withSuffix(validStart(clean(o.Namespace)), "_")
		s.utf8Prefix = strings.TrimRight(strings.ToValidUTF8(o.Namespace, "\uFFFD"), "._") + "."
	}
	s.table.init(o.MaxSeries)
	for _, p := range s.allProblems() {
		p.call, p.start = o.OnError, time.Now()
	}
	s.self = newSelf(s)
	if err := register(reg, s.self); err != nil {
		return nil, fmt.Errorf("prometheus: metrics of the handler itself: %w", err)
	}
	return &Handler{store: s}, nil
}

// Enabled returns true: the level of telemetry is chosen where it is made.
func (h *Handler) Enabled(context.Context, slog.Level) bool { return true }

// Handle takes one record. It returns no error: see [Handler.Stats] for what could
// not become a metric.
func (h *Handler) Handle(_ context.Context, r slog.Record) error {
	var e sample
	switch e.read(&r) {
	case wellRead:
		h.store.handle(&e, &r, h.bound)
	case noForm:
		h.store.lost.skipped.Add(1)
	}
	return nil
}

// RetainsRecords returns false, see slogtel.RetainsRecords.
func (*Handler) RetainsRecords() bool { return false }

// WithAttrs returns a handler that adds those of attrs that [Options.LabelKeys]
// lists to each event as labels. Their values are taken now.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	d := *h
	d.bound = h.store.labels.with(h.bound, h.open, attrs)
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
	d.open += name + "."
	return &d
}

// Unregister takes all metrics out of the registry. Later events are counted in
// Stats.Unregistered. After it, another handler can be made for the same registry
// and namespace. (The registry still wants each metric to have the same labels as
// before.)
func (h *Handler) Unregister() { h.store.unregister() }

// Stats returns the counts so far, of h and all handlers derived from the same New.
func (h *Handler) Stats() Stats { return h.store.stats() }
