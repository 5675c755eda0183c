package page

import (
	"cmp"
	"maps"
	"slices"
)

// latency adds the series of the scopes that took longest.
func (b *build) latency(scopes []*scopeStats) {
	b.doc.Latency = []seriesDoc{}
	for _, s := range scopes {
		if len(s.over) == 0 || len(b.doc.Latency) >= b.limits.Series {
			continue
		}
		d := seriesDoc{Scope: s.index}
		for i, bucket := range slices.Sorted(maps.Keys(s.over)) {
			row := s.over[bucket]
			d.At = append(d.At, int(bucket-b.grid.low))
			d.Calls, d.Errors = append(d.Calls, num(row.calls)), append(d.Errors, num(row.errors))
			d.P50, d.P95 = append(d.P50, num(row.quantile(0.5))), append(d.P95, num(row.quantile(0.95)))
			d.P99, d.Max = append(d.P99, num(row.quantile(0.99))), append(d.Max, num(row.max))
			for bin, n := range row.bins {
				if n > 0 {
					d.Cells = append(d.Cells, num(i), num(bin), num(n))
				}
			}
		}
		b.doc.Latency = append(b.doc.Latency, d)
	}
}

// metrics adds those with the most events.
func (b *build) metrics() {
	b.doc.Metrics = []metricDoc{}
	all := slices.Clone(b.metricList)
	slices.SortStableFunc(all, func(x, y *metricStats) int { return cmp.Compare(y.Count.Value(), x.Count.Value()) })
	all = all[:min(len(all), b.limits.Metrics)]
	slices.SortStableFunc(all, func(x, y *metricStats) int {
		return cmp.Or(cmp.Compare(x.scope, y.scope), cmp.Compare(x.parent, y.parent), cmp.Compare(x.kind, y.kind))
	})
	drawn := 0
	for _, s := range all {
		d := metricDoc{
			Name: clean(s.scope, b.limits.Name), Within: clean(s.parent, b.limits.Name), Type: clean(string(s.kind), 32), Unit: clean(s.Unit, 64),
			Events: num(s.Count.Value()), Count: num(s.Summed.Value()), Sum: num(s.Total.Value()), Last: num(s.last), Text: clean(s.text, b.limits.Text),
			Rough: s.Approximate, figures: figuresOf(&s.Series, 1),
		}
		if len(s.over) > 0 && drawn < b.limits.Series {
			drawn++
			for _, bucket := range slices.Sorted(maps.Keys(s.over)) {
				row := s.over[bucket]
				d.At = append(d.At, int(bucket-b.grid.low))
				d.Sums, d.Means = append(d.Sums, num(row.sum)), append(d.Means, num(row.sum/max(row.count, 1)))
				d.Minimums, d.Maximums = append(d.Minimums, num(row.min)), append(d.Maximums, num(row.max))
				d.Lasts = append(d.Lasts, num(row.last))
			}
		}
		b.doc.Metrics = append(b.doc.Metrics, d)
	}
}

// errors adds the most frequent patterns.
func (b *build) errors() {
	all := b.failures.Failures("count")
	b.patterns = len(all)
	b.doc.Errors = all[:min(len(all), b.limits.Errors)]
	for i := range b.doc.Errors {
		f := &b.doc.Errors[i]
		f.Pattern, f.Example = clean(f.Pattern, b.limits.Text), clean(f.Example, b.limits.Text)
		f.TraceID, f.Input = clean(f.TraceID, 64), clean(f.Input, b.limits.Name)
		for k := range f.Scopes {
			f.Scopes[k].Scope = clean(f.Scopes[k].Scope, b.limits.Name)
		}
		if f.First == nil {
			continue
		}
		if _, ok := unixNano(*f.First); !ok {
			f.First = nil
		}
		if _, ok := unixNano(*f.Last); !ok {
			f.Last = nil
		}
	}
}

// spans adds the timeline.
func (b *build) timeline() {
	chosen := b.Model.spans.choose(&b.limits)
	chosen = slices.DeleteFunc(chosen, func(s *span) bool { return s.scope.index < 0 })
	l := layout(chosen)
	d := spansDoc{
		Group: l.group, Lane: l.lane, Parent: l.up, Start: []micros{}, Duration: []micros{}, Scope: []int{}, Error: []int{},
		Trace: []int{}, Attrs: [][]int{}, Input: []int{}, Line: []int64{},
	}
	for _, s := range chosen {
		d.Start, d.Duration = append(d.Start, micros(s.start-b.first)), append(d.Duration, micros(s.duration))
		d.Scope = append(d.Scope, s.scope.index)
		d.Error, d.Trace = append(d.Error, b.str(s.err, b.limits.Text)), append(d.Trace, b.str(s.trace, 64))
		attrs := []int{}
		for _, a := range s.attrs[:min(len(s.attrs), b.limits.Attrs)] {
			attrs = append(attrs, b.str(a.Key, b.limits.Name), b.str(a.Value, b.limits.Text))
		}
		d.Attrs = append(d.Attrs, attrs)
		d.Input, d.Line = append(d.Input, b.str(s.source.Input, b.limits.Name)), append(d.Line, s.source.Line)
	}
	b.doc.Spans = d
}
