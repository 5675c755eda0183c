package wide

import (
	"log/slog"
	"slices"
	"strings"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/series"
	"github.com/slogtel/telemetry/internal/tally"
)

// end closes the state and returns the group inside. Root is the number of roots that this
// one stands for: what happened inside is scaled by the rest. Path is the name that the root has
// now.
func (st *state) end(path string, root float64) (inside slog.Attr, empty bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.ended = true
	var parts []slog.Attr
	group := func(key string, attrs []slog.Attr) {
		if len(attrs) > 0 {
			slices.SortFunc(attrs, func(a, b slog.Attr) int { return strings.Compare(a.Key, b.Key) })
			parts = append(parts, slog.Attr{Key: key, Value: slog.GroupValue(attrs...)})
		}
	}
	var scopes, counters, gauges, histograms []slog.Attr
	st.scopes, st.metrics = st.named(st.scopes, path), st.named(st.metrics, path)
	for i := range st.scopes {
		it := &st.scopes[i]
		scopes = append(scopes, slog.Attr{Key: it.name, Value: it.scope(root)})
	}
	for i := range st.metrics {
		it := &st.metrics[i]
		a := slog.Attr{Key: it.name}
		switch it.typ {
		case event.TypeCounter:
			a.Value = it.counter(root)
			counters = append(counters, a)
		case event.TypeGauge:
			a.Value = slog.Float64Value(it.last)
			gauges = append(gauges, a)
		default:
			a.Value = it.histogram(root)
			histograms = append(histograms, a)
		}
	}
	group("scopes", scopes)
	group("counters", counters)
	group("gauges", gauges)
	group("histograms", histograms)
	if st.failed.scope != "" {
		name, _ := st.name(st.failed.scope, path)
		parts = append(parts, slog.Group("first_error",
			slog.String(event.KeyScope, name), slog.String(event.KeyError, st.failed.err)))
	}
	if st.running > 0 {
		parts = append(parts, slog.Int("open_scopes", st.running))
	}
	if st.cut > 0 {
		parts = append(parts, slog.Int64("cut_events", tally.Whole(st.cut/root)))
	}
	st.scopes, st.metrics = nil, nil
	return slog.Attr{Key: event.KeyInside, Value: slog.GroupValue(parts...)}, len(parts) == 0
}

// named gives the items the names that they have in the record. What has one name is one item,
// though the root was renamed in between. An instrument has its own name: what is inside of the
// root and has the same is there under its whole path.
func (st *state) named(items []item, path string) []item {
	absolute := 0
	for i := range items {
		it := &items[i]
		if it.name, it.relative = st.name(it.path, path); !it.relative {
			absolute++
		}
	}
	if path == st.root.Path && absolute == 0 {
		return items // all different
	}
	type key struct {
		name string
		typ  event.MetricType
	}
	own := make(map[key]bool, absolute)
	for i := range items {
		if it := &items[i]; !it.relative {
			own[key{it.name, it.typ}] = true
		}
	}
	first := make(map[key]int, len(items))
	merged := items[:0]
	for _, it := range items {
		k := key{it.name, it.typ}
		if it.relative && own[k] {
			it.name, k.name = it.path, it.path
		}
		if i, again := first[k]; again {
			merged[i].merge(&it)
			continue
		}
		first[k] = len(merged)
		merged = append(merged, it)
	}
	return merged
}

// merge adds what is in o, which began later.
func (it *item) merge(o *item) {
	if it.count == 0 || o.count > 0 && o.min < it.min {
		it.min = o.min
	}
	if it.count == 0 || o.count > 0 && o.max > it.max {
		it.max = o.max
	}
	it.count += o.count
	it.errors += o.errors
	it.sum.Merge(o.sum)
	it.float = it.float || o.float
	it.last = o.last
}

func (it *item) scope(root float64) slog.Value {
	attrs := []slog.Attr{
		slog.Int64(event.KeyCount, tally.Whole(it.count/root)),
		slog.Float64(event.KeyDuration, it.sum.Value()/root),
		slog.Float64("max_s", it.max),
	}
	if it.errors > 0 {
		attrs = append(attrs, slog.Int64(event.KeyErrors, tally.Whole(it.errors/root)))
	}
	return slog.GroupValue(attrs...)
}

func (it *item) counter(root float64) slog.Value {
	switch {
	case it.float:
		return slog.Float64Value(it.sum.Value() / root)
	case root == 1:
		return slog.Int64Value(series.Whole(&it.sum)) // all its digits
	}
	return slog.Int64Value(tally.Whole(it.sum.Value() / root))
}

func (it *item) histogram(root float64) slog.Value {
	return slog.GroupValue(
		slog.Int64(event.KeyCount, tally.Whole(it.count/root)),
		slog.Float64(event.KeySum, it.sum.Value()/root),
		slog.Float64(event.KeyMin, it.min),
		slog.Float64(event.KeyMax, it.max),
	)
}

// withInside returns r with the group behind its attributes.
func withInside(r slog.Record, inside slog.Attr) slog.Record {
	wide := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == event.KeyInside {
			a.Key = event.UserPrefix + a.Key
		}
		wide.AddAttrs(a)
		return true
	})
	wide.AddAttrs(inside)
	return wide
}
