package event

import (
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/slogattrs"
)

// listsModel is what a reporter says that has the attribute model as a tag, and http.status.
func listsModel(key string) (string, bool) {
	switch key {
	case "model", "http", "", KeyError:
		return key, true
	}
	return "", false
}

// A record that fits a form is read as a Sample reads it, and has the same tags as the one that made the form.
func TestForms(t *testing.T) {
	if !slogattrs.Known() {
		t.Skip("log/slog has changed inside")
	}
	type variant struct {
		name string
		more []slog.Attr
		none bool // has no form
	}
	changing := slog.AnyValue(new(int))
	variants := []variant{
		{name: "bare"},
		{name: "model m", more: []slog.Attr{slog.String("model", "m")}},
		{name: "model n", more: []slog.Attr{slog.String("model", "n")}},
		{name: "number", more: []slog.Attr{slog.Int("model", 1)}},
		{name: "unsigned number", more: []slog.Attr{slog.Uint64("model", 1)}},
		{name: "two", more: []slog.Attr{slog.String("model", "m"), slog.Int("http", 1)}},
		{name: "two, another order", more: []slog.Attr{slog.Int("http", 1), slog.String("model", "m")}},
		{name: "twice", more: []slog.Attr{slog.String("model", "m"), slog.String("model", "n")}},
		{name: "one not listed", more: []slog.Attr{slog.String("color", "x"), slog.String("model", "m")}},
		{name: "user_scope", more: []slog.Attr{slog.String("user_scope", "m")}},
		{name: "unit", more: []slog.Attr{slog.String(KeyUnit, "By"), slog.String("model", "m")}},
		{name: "group", more: []slog.Attr{slog.Group("http", slog.Int("status", 200))}, none: true},
		{name: "inline group", more: []slog.Attr{slog.Group("", slog.String("model", "m"))}, none: true},
		{name: "any", more: []slog.Attr{{Key: "model", Value: changing}}, none: true},
		{name: "error", more: []slog.Attr{slog.String(KeyError, "refused")}, none: true},
		{name: "sampled", more: []slog.Attr{slog.Float64(KeySampleRate, 0.5)}},
		{name: "sampled otherwise", more: []slog.Attr{slog.Float64(KeySampleRate, 0.25)}},
		{name: "counted", more: []slog.Attr{slog.Bool(KeyInSummary, true)}, none: true},
		{name: "another value", more: []slog.Attr{slog.Int(KeyValue, 7)}, none: true},
		{name: "another duration", more: []slog.Attr{slog.Float64(KeyDuration, 7)}, none: true},
	}
	for _, typ := range []MetricType{TypeTiming, TypeCounter, TypeGauge, TypeHistogram} {
		base := timing()
		if typ != TypeTiming {
			base = metric(typ, 3.5)
		}
		if typ == TypeCounter {
			base = metric(typ, 3)
		}
		built := func(v variant, change func(attrs []slog.Attr)) slog.Record {
			attrs := attrsOf(base)
			for _, a := range v.more {
				a.Key = strings.Clone(a.Key)
				attrs = append(attrs, a)
			}
			if change != nil {
				change(attrs)
			}
			return record(base.Message, attrs...)
		}
		for i, a := range variants {
			first := built(a, nil)
			var s Sample
			assert.True(t, s.ReadFrom(&first), a.name)
			forms := NewForms(4, func(*int) bool { return false })
			forms.Put(&first, &s, 1, listsModel, i)
			for j, b := range variants {
				r := built(b, nil)
				v, n := forms.Find(&r, 1)
				if i != j || a.none {
					assert.Nil(t, v, "%s: %s after %s", typ, b.name, a.name)
					continue
				}
				if assert.NotNil(t, v, "%s: %s", typ, a.name) {
					assert.Equal(t, i, *v)
					assert.Equal(t, numberOf(&s), n, "%s: %s", typ, a.name)
				}
			}
			if a.none {
				continue
			}
			for name, change := range map[string]func(attrs []slog.Attr){
				"scope":       func(attrs []slog.Attr) { attrs[atScope].Value = slog.StringValue("another") },
				"no scope":    func(attrs []slog.Attr) { attrs[atScope].Value = slog.IntValue(1) },
				"depth":       func(attrs []slog.Attr) { attrs[atDepth].Value = slog.StringValue("1") },
				"other depth": func(attrs []slog.Attr) { attrs[atDepth].Value = slog.IntValue(99) },
				"parent":      func(attrs []slog.Attr) { attrs[atParent].Value = slog.IntValue(1) },
				"type":        func(attrs []slog.Attr) { attrs[atType].Value = attrs[atType].Value.Resolve() },
				"key":         func(attrs []slog.Attr) { attrs[atDepth].Key = "deep" },
				"value":       func(attrs []slog.Attr) { attrs[atValue].Value = slog.StringValue("many") },
				"no number":   func(attrs []slog.Attr) { attrs[numberAt(typ)].Value = slog.Float64Value(math.NaN()) },
				"no number 2": func(attrs []slog.Attr) { attrs[numberAt(typ)].Value = slog.DurationValue(1) },
			} {
				r := built(a, change)
				v, _ := forms.Find(&r, 1)
				assert.Nil(t, v, "%s: %s with another %s", typ, a.name, name)
			}
			other := built(a, nil)
			other.Message = "telemetry.other"
			v, _ := forms.Find(&other, 1)
			assert.Nil(t, v)
			changed := built(a, func(attrs []slog.Attr) {
				if typ == TypeCounter {
					attrs[atValue].Value = slog.IntValue(17)
				} else {
					attrs[numberAt(typ)].Value = slog.Float64Value(0.25)
				}
			})
			var again Sample
			assert.True(t, again.ReadFrom(&changed))
			v, n := forms.Find(&changed, 1)
			assert.NotNil(t, v)
			assert.Equal(t, numberOf(&again), n)
		}
	}
}

// A counter may have whole increments and others: what is kept for the ones is not found for the others.
func TestFormsOfWholeNumbersAndOthers(t *testing.T) {
	if !slogattrs.Known() {
		t.Skip("log/slog has changed inside")
	}
	series := typed("a.b", "a", 1, TypeCounter)
	of := func(v any, model string) slog.Record {
		return record(MessageMetric, slog.String(KeyScope, "a.b"), slog.Int(KeyDepth, 1), slog.String(KeyParentScope, "a"),
			slog.Attr{Key: KeyMetricType, Value: series}, slog.Any(KeyValue, v), slog.String("model", model))
	}
	forms := NewForms(16, func(*string) bool { return false })
	put := func(r slog.Record, val string) {
		var s Sample
		assert.True(t, s.ReadFrom(&r))
		assert.True(t, forms.Put(&r, &s, 0, listsModel, val))
	}
	put(of(3, "m"), "whole m")
	put(of(0.5, "n"), "float n")
	put(of(0.5, "o"), "float o")
	for _, c := range []struct {
		r    slog.Record
		want string
	}{{of(3, "m"), "whole m"}, {of(0.5, "m"), ""}, {of(3, "n"), ""}, {of(0.25, "n"), "float n"}, {of(7, "o"), ""}, {of(0.75, "o"), "float o"}} {
		v, _ := forms.Find(&c.r, 0)
		if c.want == "" {
			assert.Nil(t, v)
		} else if assert.NotNil(t, v) {
			assert.Equal(t, c.want, *v)
		}
	}
	r := of(3, "m")
	v, _ := forms.Find(&r, 1)
	assert.Nil(t, v, "with another salt")
	forms.Forget()
	v, _ = forms.Find(&r, 0)
	assert.Nil(t, v)
}

func numberAt(typ MetricType) int {
	if typ == TypeTiming {
		return atDuration
	}
	return atValue
}

func numberOf(s *Sample) uint64 {
	switch s.Type {
	case TypeTiming:
		return uint64(s.Duration)
	case TypeCounter:
		return uint64(s.Value.Int64())
	}
	return math.Float64bits(s.Value.Float64())
}

func BenchmarkForms(b *testing.B) {
	for name, r := range map[string]slog.Record{"timing": timing(slog.String("model", "m")), "counter": metric(TypeCounter, 3, slog.String("model", "m"))} {
		b.Run(name, func(b *testing.B) {
			var s Sample
			s.ReadFrom(&r)
			forms := NewForms(4, func(*time.Duration) bool { return false })
			forms.Put(&r, &s, 1, listsModel, 1)
			b.ReportAllocs()
			for b.Loop() {
				if v, _ := forms.Find(&r, 1); v == nil {
					b.Fatal()
				}
			}
		})
	}
}
