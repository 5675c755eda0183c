package slogteltest

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

// eventTime is when the suite's records say they were made.
var eventTime = time.Date(2026, 2, 3, 4, 5, 6, 789_000_000, time.UTC)

// contexts are what handlers are called with: some do more inside a scope.
var (
	scoped = scope.NewContext(context.Background(), scope.Info{
		Path: "contract.around", Parent: "contract", Depth: 1,
		TraceID: "0123456789abcdef0123456789abcdef", SpanID: "0123456789abcdef",
	})
	contexts = []context.Context{context.Background(), scoped}
)

// idKey is the attribute by which the suite finds its records again.
const idKey = "contract_id"

func logRecord(attrs ...slog.Attr) slog.Record {
	r := slog.NewRecord(eventTime, slog.LevelInfo, "contract", 0)
	r.AddAttrs(attrs...)
	return r
}

// countRecord is the record of a counter, as a Telemetry makes it.
func countRecord(attrs ...slog.Attr) slog.Record {
	r := metricRecord("contract.events", slogtel.TypeCounter, slog.Int64Value(1))
	r.AddAttrs(attrs...)
	return r
}

func metricRecord(path string, typ slogtel.MetricType, v slog.Value) slog.Record {
	r := slog.NewRecord(eventTime, slog.LevelInfo, slogtel.MessageMetric, 0)
	r.AddAttrs(
		slog.String(slogtel.KeyScope, path),
		slog.Int(slogtel.KeyDepth, 1),
		slog.String(slogtel.KeyParentScope, "contract"))
	if typ != slogtel.TypePlain {
		r.AddAttrs(slog.Any(slogtel.KeyMetricType, typ))
	}
	r.AddAttrs(slog.Attr{Key: slogtel.KeyValue, Value: v})
	return r
}

func timingRecord(attrs ...slog.Attr) slog.Record {
	const wall, mono, d = 1770091506.789, 12.5, 0.25
	r := slog.NewRecord(eventTime, slog.LevelInfo, slogtel.MessageTiming, 0)
	r.AddAttrs(
		slog.String(slogtel.KeyScope, "contract.work"),
		slog.Int(slogtel.KeyDepth, 1),
		slog.String(slogtel.KeyParentScope, "contract"),
		slog.Any(slogtel.KeyMetricType, slogtel.TypeTiming),
		slog.Int64(slogtel.KeyCallCount, 1),
		slog.Float64(slogtel.KeyDuration, d),
		slog.Float64(slogtel.KeyStartMonotonic, mono-d),
		slog.Float64(slogtel.KeyEndMonotonic, mono),
		slog.Float64(slogtel.KeyStartWall, wall-d),
		slog.Float64(slogtel.KeyEndWall, wall))
	r.AddAttrs(attrs...)
	return r
}

// emit hands h one ordinary record and one of telemetry: some handlers care for
// the one kind only, some for the other.
func (r *run) emit(ctx context.Context, h slog.Handler, attrs ...slog.Attr) {
	r.emitted += 2
	r.do("Handle of an ordinary record", func() error { return h.Handle(ctx, logRecord(attrs...)) })
	r.do("Handle of a telemetry record", func() error { return h.Handle(ctx, countRecord(attrs...)) })
}

func id(format string, args ...any) slog.Attr {
	return slog.String(idKey, fmt.Sprintf(format, args...))
}

// visible reports whether what the handler writes can be seen.
func (r *run) visible() bool { return r.opts.Results != nil || r.opts.Output != nil }

// seen calls f, which emits records, and returns what the handler root wrote
// meanwhile, as texts: one a record where there are results, else one for all, and
// none if nothing can be seen. A root that is nil is not flushed.
func (r *run) seen(root slog.Handler, f func()) []string {
	switch {
	case !r.visible():
		f()
		return nil
	case r.opts.Results == nil:
		before := r.output(root)
		f()
		return []string{strings.TrimPrefix(r.output(root), before)}
	}
	r.flush(root)
	before, emitted := len(r.opts.Results()), r.emitted
	f()
	all := r.results(root)
	all = all[min(before, len(all)):]
	if want := r.emitted - emitted; len(all) != want && !r.stuck {
		r.failf("there are %d results of %d records", len(all), want)
	}
	texts := make([]string, len(all))
	for i, m := range all {
		texts[i] = fmt.Sprint(m)
	}
	return texts
}

// results flushes root and returns what Options.Results does. It reports lines
// that could not be parsed.
func (r *run) results(root slog.Handler) []map[string]any {
	all := r.anyResults(root)
	for _, m := range all {
		if line, ok := m[badLine]; ok {
			r.failf("a line that was written is no JSON object: %s", quote(fmt.Sprint(line)))
			break
		}
	}
	return all
}

// anyResults is results without the report.
func (r *run) anyResults(root slog.Handler) []map[string]any {
	r.flush(root)
	return r.opts.Results()
}

func (r *run) output(root slog.Handler) string {
	r.flush(root)
	return r.opts.Output()
}

// survived checks that the handler root is of use after what has been done to it.
func (r *run) survived(root slog.Handler, results func(slog.Handler) []map[string]any) {
	r.emit(scoped, root, id("still_there"))
	if r.stuck || !r.visible() {
		return
	}
	var text string
	if r.opts.Results != nil {
		all := results(root)
		const most = 10 // those before may be of any size
		text = fmt.Sprint(all[max(0, len(all)-most):])
	} else {
		text = r.output(root)
	}
	r.shows([]string{text}, "still_there", "a good record after many bad ones")
}

// flush makes a handler that keeps records back write them.
func (r *run) flush(root slog.Handler) {
	r.do("Flush", func() error { return flush(root) })
}

func flush(root slog.Handler) error {
	f, ok := root.(flusher)
	if !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), callLimit/2)
	defer cancel()
	return f.Flush(ctx)
}

// shows reports that a token is missing from one of the texts, or that there are
// none. hides reports that it is in one of them.
func (r *run) shows(texts []string, token, format string, args ...any) {
	if !r.visible() || r.stuck {
		return
	}
	if len(texts) == 0 {
		texts = []string{""}
	}
	for _, text := range texts {
		if !strings.Contains(text, token) {
			r.failf("%s: %q is missing from what was written: %s", fmt.Sprintf(format, args...), token, quote(text))
			return
		}
	}
}

func (r *run) hides(texts []string, token, format string, args ...any) {
	for _, text := range texts {
		if strings.Contains(text, token) {
			r.failf("%s: %q is in what was written: %s", fmt.Sprintf(format, args...), token, quote(text))
			return
		}
	}
}
