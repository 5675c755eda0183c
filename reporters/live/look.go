package live

import (
	"log/slog"
	"math"
	"strings"
	"sync/atomic"
	"time"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/series"
	"github.com/slogtel/telemetry/internal/slogattrs"
)

// A look is what is read of a record, which must not be changed while it is in use.
type look struct {
	*known
	what     what
	name     string // the path of an event, the message of a log
	duration time.Duration
	value    slog.Value // of a metric

	bound  []slog.Attr // of the handler
	others []slog.Attr // of an event that is not in order
}

// known is what events have in common that differ by nothing but a number and by attributes which do
// not matter for the figures. It is immutable but for the floor.
type known struct {
	entry  *series.Entry[figures] // nil: the figures leave it out
	path   string
	unit   string
	depth  int
	what   what
	whole  bool    // the number is an integer
	failed bool    // the scope
	weight float64 // how many events it stands for
	next   int     // the first attribute behind those that every event has

	floor atomic.Pointer[floor] // of a root scope; nil: not looked up
}

func kindOf(typ event.MetricType) what {
	switch typ {
	case event.TypeTiming:
		return aScope
	case event.TypeCounter:
		return aCounter
	case event.TypeGauge:
		return aGauge
	case event.TypeHistogram:
		return aHistogram
	}
	return aMetric
}

// read reads an event. It reports false for any other record, of which l has nothing yet.
func (s *sums) read(r *slog.Record, l *look) bool {
	k, number := s.forms.Find(r, 0)
	if k == nil {
		return s.readAnew(r, l)
	}
	l.known, l.what, l.name = *k, (*k).what, (*k).path
	switch {
	case l.what == aScope:
		l.duration = time.Duration(number)
	case l.whole:
		l.value = slog.Int64Value(int64(number))
	default:
		l.value = slog.Float64Value(math.Float64frombits(number))
	}
	return true
}

// readAnew reads an event, and remembers what others like it have in common.
func (s *sums) readAnew(r *slog.Record, l *look) bool {
	var e event.Sample
	if !e.ReadFrom(r) {
		return false
	}
	l.what, l.name, l.duration, l.value = kindOf(e.Type), e.Scope, e.Duration, e.Value
	next, others := e.Rest()
	l.others = others
	if next == 0 { // its own ones are not among the others
		for _, own := range [...][2]string{{event.KeyTraceID, e.TraceID}, {event.KeySpanID, e.SpanID}, {event.KeyError, e.Error}, {event.KeyUnit, e.Unit}} {
			if own[1] != "" {
				l.others = append(l.others, slog.String(own[0], own[1]))
			}
		}
	}
	weight, _ := series.Weight(&e)
	l.known = &known{
		path: e.Scope, unit: e.Unit, depth: e.Depth, what: l.what, whole: e.Value.Kind() == slog.KindInt64,
		failed: e.Error != "", weight: weight, next: next,
	}
	switch {
	case e.InSummary || e.Type == event.TypePlain || e.Type != event.TypeTiming && !series.IsFinite(e.Value):
		return true
	case e.Type == event.TypeTiming:
		l.entry = s.scopes.Get(&series.Key{Path: e.Scope, Parent: e.Parent, Type: e.Type}, nil, e.Series)
	default:
		l.entry = s.metrics.Get(&series.Key{Path: e.Scope, Parent: e.Parent, Type: e.Type}, nil, e.Series)
	}
	if l.entry == nil {
		s.overflow.Add(1)
		return true
	}
	if e.Error == "" && e.Series != nil {
		l.path = e.Series.Path // the record's may be part of something huge
		l.unit = strings.Clone(e.Unit)
		s.forms.Put(r, &e, 0, matters, l.known)
	}
	return true
}

// matters is for event.Forms: whether the figures depend on an attribute.
func matters(key string) (kept string, ok bool) {
	switch key {
	case event.KeyError:
		return event.KeyError, true
	case event.KeyUnit:
		return event.KeyUnit, true
	}
	return "", false
}

// attrs returns the attributes of what was read, without those that every event has. They are plain, and so
// is a metric's value then: nothing of the app is called under a lock, or later. What is no event is a log.
func (h *Handler) attrs(r *slog.Record, l *look) (front, back []slog.Attr) {
	clean := h.core.clean
	switch {
	case l.known == nil:
		l.name = r.Message
		front, back = slogattrs.Of(r).From(0)
		if h.bound.Grouped() || len(h.bound.Attrs()) > 0 {
			return h.bound.WithAttrs(clean.plain(front, back)).Attrs(), nil
		}
	case l.next > 0:
		front, back = slogattrs.Of(r).From(l.next)
	default:
		back = l.others
	}
	if l.what > aScope && !plain(l.value) {
		l.value = clean.attr(slog.Attr{Key: event.KeyValue, Value: l.value}).Value
	}
	if !allPlain(front) || !allPlain(back) {
		return clean.plain(front, back), nil
	}
	return front, back
}
