package slogteltest

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"time"
)

type badValue struct {
	name  string
	value slog.Value
	quirk bool // slog's own JSON handler makes of it what is not JSON
	heavy bool // not to be repeated in each form
}

// badValues are values on which handlers are known to stumble.
func badValues() []badValue {
	var all []badValue
	add := func(name string, v any) { all = append(all, badValue{name: name, value: slog.AnyValue(v)}) }

	add("nil", nil)
	add("a nil LogValuer", (*nilValuer)(nil))
	add("a LogValuer that panics", panicker{})
	add("a LogValuer that returns itself", &selfValuer{})
	add("a LogValuer that returns a nil LogValuer", valuer{slog.AnyValue((*nilValuer)(nil))})
	add("a LogValuer that returns a group of them", valuer{slog.GroupValue(slog.Any("p", panicker{}), slog.Any("n", (*nilValuer)(nil)))})
	add("a nil error pointer", (*nilError)(nil))
	add("an error whose method panics", panicker{})
	add("an error with control bytes", errors.New("line\nbreak\x1b[31m\x00"))
	add("joined errors with a nil pointer", errors.Join(errors.New("a"), (*nilError)(nil)))
	add("a value whose methods all panic", &anyPanicker{})
	add("a Stringer whose method panics", stringPanicker{})
	add("a TextMarshaler that panics", textPanicker{})
	add("a JSON marshaler that writes no JSON", badMarshaler{})
	add("a nil pointer", (*int)(nil))
	add("a nil map", map[string]int(nil))
	add("a nil slice", []string(nil))
	add("a nil func", (func())(nil))
	add("a nil slog.Source", (*slog.Source)(nil))
	add("a nil time pointer", (*time.Time)(nil))
	add("a func", func() {})
	add("a channel", make(chan int))
	add("a complex number", complex(math.NaN(), math.Inf(1)))
	add("NaN", math.NaN())
	add("+Inf", math.Inf(1))
	add("-Inf", math.Inf(-1))
	add("NaN in a slice", []float64{math.NaN(), math.Inf(-1)})
	add("the smallest float", math.SmallestNonzeroFloat64)
	add("the largest float", math.MaxFloat64)
	add("negative zero", math.Copysign(0, -1))
	add("the least int", int64(math.MinInt64))
	add("the greatest uint", uint64(math.MaxUint64))
	add("the least duration", time.Duration(math.MinInt64))
	add("a list that holds itself", ring())
	add("a map with keys of any kind", map[any]any{1: "a", "b": 2, [1]bool{true}: nil})
	add("control bytes", "\x00\x01\x1b]0;title\x07\r\n\u2028\u202e\x7f")
	add("invalid UTF-8", "a\xff\xfe\xc0\xafb")
	add("invalid UTF-8 in bytes", []byte("a\xff\xfe"))
	all = append(all, badValue{name: "a text of 1 MiB", value: slog.StringValue(strings.Repeat("0123456789abcdef", 1<<16)), heavy: true})
	add("an empty group", slog.GroupValue())
	deep := slog.GroupValue(slog.Int("n", 1))
	for range 500 {
		deep = slog.GroupValue(slog.Attr{Key: "deep", Value: deep})
	}
	add("500 groups in each other", deep)

	quirk := func(name string, v any) {
		all = append(all, badValue{name: name, value: slog.AnyValue(v), quirk: true})
	}
	quirk("a group of empty groups", slog.GroupValue(slog.Group("a"), slog.Group("", slog.Group("b"))))
	quirk("a group of empty attributes", slog.GroupValue(slog.Attr{}, slog.Attr{}))
	quirk("a slice of empty attributes", []slog.Attr{{}, slog.Any("", nil)})
	for _, t := range badTimes() {
		quirk("the time "+t.Format(time.RFC3339), t)
		quirk("in a list, the time "+t.Format(time.RFC3339), []any{t, &t})
	}
	return all
}

func badTimes() []time.Time {
	return []time.Time{
		{},
		time.Unix(math.MinInt64/2, 0),
		time.Unix(math.MaxInt64/2, 0),
		time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 1, 1, 0, 0, 0, 999_999_999, time.FixedZone("odd", 23*3600+59*60+59)),
		time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("far", -100*3600)),
	}
}

// badNames serve as keys, groups, scopes, messages and metric types.
func badNames() []string {
	return []string{
		"", " ", ".", "..", "a..b", "_", "=", `"`, `\`, "a\nb", "a\r\nb", "\x00", "\x1b[31mred\x1b[0m", "\u202e",
		"a\xff\xfe", "日本", "a:1|c|#t:v,u:w", "{}[]", "%s%d%!", "../../etc/passwd", "<script>",
		"time", "level", "msg", "source", "scope", "value", "error",
		strings.Repeat("n", 1<<14), strings.Repeat("a.", 1<<12),
	}
}

type nilValuer struct{ v slog.Value }

func (n *nilValuer) LogValue() slog.Value { return n.v }

type valuer struct{ v slog.Value }

func (v valuer) LogValue() slog.Value { return v.v }

type selfValuer struct{}

func (s *selfValuer) LogValue() slog.Value { return slog.AnyValue(s) }

type panicker struct{}

func (panicker) LogValue() slog.Value { panic("LogValue of the contract suite") }
func (panicker) Error() string        { panic("Error of the contract suite") }

type nilError struct{ text string }

func (e *nilError) Error() string { return e.text }

type anyPanicker struct{}

func (*anyPanicker) Error() string                { panic("Error of the contract suite") }
func (*anyPanicker) String() string               { panic("String of the contract suite") }
func (*anyPanicker) GoString() string             { panic("GoString of the contract suite") }
func (*anyPanicker) Format(fmt.State, rune)       { panic("Format of the contract suite") }
func (*anyPanicker) MarshalJSON() ([]byte, error) { panic("MarshalJSON of the contract suite") }
func (*anyPanicker) MarshalText() ([]byte, error) { panic("MarshalText of the contract suite") }

type stringPanicker struct{}

func (stringPanicker) String() string { panic(&anyPanicker{}) }

type textPanicker struct{}

func (textPanicker) MarshalText() ([]byte, error) { panic("MarshalText of the contract suite") }

type badMarshaler struct{}

func (badMarshaler) MarshalJSON() ([]byte, error) { return []byte("{\n\"unclosed\": \x00"), nil }

type link struct{ Next *link }

// ring returns a list without an end. Package fmt prints the pointers in it only
// to the first level; encoding/json gives up with an error.
func ring() *link {
	l := &link{}
	l.Next = &link{l}
	return l
}
