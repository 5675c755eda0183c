package slogjson

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"strings"
	"time"
)

// The types that follow have the methods that slog and encoding/json look for.
type (
	valuer         struct{ v slog.Value }
	pointerValuer  struct{ v slog.Value }
	panickyValuer  struct{}
	endlessValuer  struct{}
	pointerError   struct{ text string }
	panickyError   struct{ with any }
	errorWithJSON  struct{}
	jsonMarshaler  struct{ text string }
	failingJSON    struct{}
	panickyJSON    struct{}
	textMarshaler  struct{}
	structWithTags struct {
		A int     `json:"a"`
		B string  `json:"b,omitempty"`
		C []byte  `json:",omitempty"`
		D float64 `json:"-"`
	}
)

func (v valuer) LogValue() slog.Value              { return v.v }
func (v *pointerValuer) LogValue() slog.Value      { return v.v }
func (panickyValuer) LogValue() slog.Value         { panic("in LogValue") }
func (v endlessValuer) LogValue() slog.Value       { return slog.AnyValue(v) }
func (e *pointerError) Error() string              { return e.text }
func (e panickyError) Error() string               { panic(e.with) }
func (errorWithJSON) Error() string                { return "an error" }
func (errorWithJSON) MarshalJSON() ([]byte, error) { return []byte(`{"json": true}`), nil }
func (m jsonMarshaler) MarshalJSON() ([]byte, error) {
	return []byte(m.text), nil
}
func (failingJSON) MarshalJSON() ([]byte, error)   { return nil, errors.New(`no "JSON" <here>`) }
func (panickyJSON) MarshalJSON() ([]byte, error)   { panic("in MarshalJSON") }
func (textMarshaler) MarshalText() ([]byte, error) { return []byte("<text>"), nil }

// sampleValues has each kind of value, with the odd ones of each.
func sampleValues() []slog.Value {
	cyclic := map[string]any{}
	cyclic["self"] = cyclic
	values := []slog.Value{
		{}, slog.BoolValue(true), slog.BoolValue(false),
		slog.StringValue(""), slog.StringValue("text"), slog.StringValue("\x00\x1f\"\\\n\r\t\b\f\x7f<&>"),
		slog.StringValue("é日🙂\u2028\u2029\xff\xc3"), slog.StringValue(strings.Repeat("long ", 100)),
		slog.GroupValue(), slog.GroupValue(slog.Attr{}), slog.GroupValue(slog.Int("a", 1), slog.Attr{}, slog.String("", "b")),
		slog.GroupValue(slog.Group("b", slog.Group("c", slog.Attr{}))), slog.GroupValue(slog.Group("", slog.Int("inline", 1))),
		slog.AnyValue(valuer{slog.IntValue(1)}), slog.AnyValue(valuer{slog.AnyValue(valuer{slog.StringValue("twice")})}),
		slog.AnyValue(valuer{slog.GroupValue()}), slog.AnyValue(valuer{slog.GroupValue(slog.Int("a", 1))}), slog.AnyValue(valuer{slog.GroupValue(slog.Attr{})}), slog.AnyValue(valuer{}),
		slog.AnyValue(&pointerValuer{slog.Float64Value(1)}), slog.AnyValue((*pointerValuer)(nil)),
		slog.AnyValue(panickyValuer{}), slog.AnyValue(endlessValuer{}),
	}
	for _, v := range []int64{0, 1, -1, 9, 10, 99, 100, 12345678, 123456789, math.MaxInt64, math.MinInt64} {
		values = append(values, slog.Int64Value(v), slog.Uint64Value(uint64(v)), slog.DurationValue(time.Duration(v)), slog.Float64Value(float64(v)))
	}
	for _, v := range []float64{0.1, 1e-6, 1e-7, 1e20, 1e21, 1e-9, math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), math.MaxFloat64, math.SmallestNonzeroFloat64, 1763850000.1234567} {
		values = append(values, slog.Float64Value(v))
	}
	for _, v := range []time.Time{{}, time.Now(), time.Unix(0, 0), time.Unix(1<<40, 5), time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC),
		time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2024, 1, 1, 0, 0, 0, 10, time.FixedZone("", -12345))} {
		values = append(values, slog.TimeValue(v), slog.AnyValue(&v))
	}
	for _, v := range []any{
		errors.New("an error"), io.EOF, &pointerError{"text"}, (*pointerError)(nil), panickyError{"text"}, &panickyError{1}, (*panickyError)(nil), errorWithJSON{}, (*errorWithJSON)(nil),
		jsonMarshaler{`{"a": [1, 2]}`}, jsonMarshaler{`{`}, jsonMarshaler{""}, failingJSON{}, panickyJSON{}, (*panickyJSON)(nil), textMarshaler{}, map[textMarshaler]int{{}: 1},
		structWithTags{1, "", nil, 2}, &structWithTags{2, "<b>", []byte("c"), 3}, (*structWithTags)(nil), []any{nil, 1, "x", structWithTags{}}, []string{"a", "\b"}, []string(nil),
		map[string]any{"z": 1, "a": map[string]int{"b": 2}}, cyclic, make(chan int), func() {}, complex(1, 2), []byte("bytes"), json.RawMessage(`{ }`), json.Number("1e2"),
		slog.LevelWarn, slog.LevelDebug - 5, slog.KindString, new(slog.LevelVar), struct{}{}, [2]int{1, 2}, float32(0.1), uint8(3), new(int),
		&slog.Source{}, &slog.Source{Function: "f", File: "file.go", Line: 3}, &slog.Source{Line: 3}, (*slog.Source)(nil), slog.Source{File: "value"},
	} {
		values = append(values, slog.AnyValue(v))
	}
	return values
}

// replacers are functions for ReplaceAttr.
var replacers = map[string]func([]string, slog.Attr) slog.Attr{
	"none":     nil,
	"identity": func(_ []string, a slog.Attr) slog.Attr { return a },
	"no built-ins": func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey || a.Key == slog.SourceKey) {
			return slog.Attr{}
		}
		return a
	},
	"nothing": func([]string, slog.Attr) slog.Attr { return slog.Attr{} },
	"renamed": func(_ []string, a slog.Attr) slog.Attr {
		a.Key = strings.ToUpper(a.Key)
		return a
	},
	"no keys": func(_ []string, a slog.Attr) slog.Attr {
		a.Key = ""
		return a
	},
	"groups shown": func(groups []string, a slog.Attr) slog.Attr {
		return slog.String(a.Key, strings.Join(groups, "/")+" nil:"+map[bool]string{true: "yes", false: "no"}[groups == nil])
	},
	"into groups": func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == "was" || a.Key == "in" || len(groups) > 2 {
			return a
		}
		return slog.Group(a.Key, "was", a.Value, "in", len(groups))
	},
	"into inline groups": func(groups []string, a slog.Attr) slog.Attr {
		if strings.HasPrefix(a.Key, "inline ") {
			return a
		}
		return slog.Group("", slog.Any("inline "+a.Key, a.Value))
	},
	"into groups of nothing": func(groups []string, a slog.Attr) slog.Attr {
		switch len(a.Key) % 3 {
		case 0:
			return slog.Attr{Key: a.Key, Value: slog.GroupValue()}
		case 1:
			return slog.Group(a.Key, slog.Attr{})
		}
		return a
	},
	"into LogValuers": func(_ []string, a slog.Attr) slog.Attr {
		return slog.Any(a.Key, valuer{slog.AnyValue(&pointerValuer{a.Value})})
	},
	"into strings": func(_ []string, a slog.Attr) slog.Attr { return slog.String(a.Key, a.Value.Kind().String()) },
	"into sources": func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == "function" || a.Key == "line" {
			return a
		}
		return slog.Any(a.Key, &slog.Source{Function: "f", Line: len(a.Key)})
	},
	"kept without its group": func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 1 {
			return slog.Attr{}
		}
		return a
	},
}
