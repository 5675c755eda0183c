package slogattrs

import (
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// bothWays runs a test where the layout is known, and as where it is not.
func bothWays(t *testing.T, test func(t *testing.T)) {
	before := known
	defer func() { known = before }()
	for _, known = range []bool{before, false} {
		t.Run("known "+strconv.FormatBool(known), test)
	}
}

func list(l *List) []slog.Attr {
	attrs := []slog.Attr{}
	for i := range l.Len() {
		attrs = append(attrs, *l.At(i))
	}
	return attrs
}

func TestOf(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		for n := range 20 {
			r := slog.NewRecord(time.Now(), slog.LevelWarn, "message", 7)
			want := []slog.Attr{}
			for i := range n {
				a := slog.Int(strconv.Itoa(i), i)
				want = append(want, a)
				r.AddAttrs(a)
			}
			clone := r.Clone()
			clone.AddAttrs(slog.Bool("more", true))
			assert.Equal(t, n, Of(&r).Len())
			assert.Equal(t, want, list(Of(&r)))
			assert.Equal(t, append(want, slog.Bool("more", true)), list(Of(&clone)))
		}
	})
	if !known {
		return
	}
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		var r slog.Record
		_ = Of(&r).Len()
	}))
}

type named string

type valuer struct{}

func (valuer) LogValue() slog.Value { return slog.StringValue("resolved") }

func TestBoxed(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		for _, v := range []slog.Value{slog.AnyValue(valuer{}), slog.AnyValue(named("t")), slog.AnyValue([]int{1}), slog.AnyValue(nil)} {
			assert.Equal(t, v.Any(), Boxed(&v))
		}
		for _, v := range []slog.Value{slog.StringValue("t"), slog.IntValue(1), slog.GroupValue(slog.Int("a", 1)), slog.TimeValue(time.Now()), {}} {
			switch b := Boxed(&v).(type) {
			case named, string, slog.LogValuer, []slog.Attr, time.Time:
				t.Errorf("%v is of type %T", v, b)
			}
		}
	})
}

func TestKinds(t *testing.T) {
	var nothing *valuer
	bothWays(t, func(t *testing.T) {
		for _, v := range []slog.Value{
			slog.StringValue(""), slog.StringValue("text"), slog.StringValue(string(make([]byte, 1<<16))), slog.AnyValue("any"),
			slog.IntValue(0), slog.Int64Value(-1), slog.Uint64Value(1), slog.Float64Value(1), slog.BoolValue(true), slog.DurationValue(1),
			slog.TimeValue(time.Now()), slog.TimeValue(time.Time{}), slog.GroupValue(slog.String("a", "b")), slog.GroupValue(), {},
			slog.AnyValue(valuer{}), slog.AnyValue(nothing), slog.AnyValue(named("t")), slog.AnyValue(slog.KindInt64),
			slog.AnyValue(new(byte)), slog.AnyValue(new(string)),
		} {
			text, ok := Text(&v)
			assert.Equal(t, v.Kind() == slog.KindString, ok, "%v %v", v.Kind(), v)
			if ok {
				assert.Equal(t, v.String(), text)
			} else {
				assert.Empty(t, text)
			}
			assert.Equal(t, v.Kind() == slog.KindInt64, IsInt64(&v), "%v %v", v.Kind(), v)
		}
	})
}
