package slogattrs

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestSetRecord(t *testing.T) {
	if !known {
		t.Logf("%s has another slog.Record: records are right, but slower. See unsafe.go", runtime.Version())
	}
	now := time.Now()
	bothWays(t, func(t *testing.T) {
		for n := range 20 {
			list := make([]slog.Attr, n)
			for i := range list {
				list[i] = slog.Int(fmt.Sprint("k", i), i)
			}
			want := append([]slog.Attr{}, list...)
			list = append(list, slog.Int("spare", 1))[:n]
			borrowing := newRecord(now, slog.LevelWarn, "m", list, false)
			assert.Equal(t, want, attrsOf(borrowing))
			borrowing.AddAttrs(slog.Int("more", 1)) // not into what is behind the list
			assert.Equal(t, "spare", list[:n+1][n].Key)

			r := newRecord(now, slog.LevelWarn, "m", list, true)
			clear(list) // was copied
			runtime.GC()
			assert.Equal(t, now, r.Time)
			assert.Equal(t, slog.LevelWarn, r.Level)
			assert.Equal(t, "m", r.Message)
			assert.Zero(t, r.PC)
			assert.Equal(t, n, r.NumAttrs())

			// Copies that are added to must not see each other's attributes.
			one, two := r, r.Clone()
			one.AddAttrs(slog.Int("one", 1))
			two.AddAttrs(slog.Int("two", 2))
			for _, tc := range []struct {
				r    slog.Record
				more []slog.Attr
			}{{r, nil}, {one, []slog.Attr{slog.Int("one", 1)}}, {two, []slog.Attr{slog.Int("two", 2)}}} {
				assert.Equal(t, append(want[:n:n], tc.more...), attrsOf(tc.r))
			}
		}
	})
}

func newRecord(t time.Time, level slog.Level, message string, list []slog.Attr, retained bool) (r slog.Record) {
	SetRecord(&r, t, level, message, list, retained)
	return r
}

func attrsOf(r slog.Record) []slog.Attr {
	got := []slog.Attr{}
	r.Attrs(func(a slog.Attr) bool { got = append(got, a); return true })
	return got
}

func BenchmarkSetRecord(b *testing.B) {
	var room [11]slog.Attr
	for i := range room {
		room[i] = slog.Float64("duration_s", float64(i))
	}
	before := known
	defer func() { known = before }()
	for _, known = range []bool{before, false} {
		b.Run(fmt.Sprintf("known=%v", known), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := newRecord(time.Time{}, slog.LevelInfo, "m", room[:], true)
				if r.NumAttrs() != 11 {
					b.Fatal(r.NumAttrs())
				}
			}
		})
	}
}

// keepHandler keeps the records that it is given, and says whether it does.
type keepHandler struct {
	slog.Handler
	handle func(slog.Record)
}

func (h keepHandler) Handle(_ context.Context, r slog.Record) error {
	h.handle(r)
	return nil
}

func TestHandleWith(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		for n := range 40 {
			r := slog.NewRecord(time.Unix(1, 2), slog.LevelWarn, "m", 7)
			for i := range n {
				r.AddAttrs(slog.Int(fmt.Sprint("k", i), i))
			}
			before := attrsOf(r)
			want := append(attrsOf(r), slog.Int("more", 1), slog.Int("and", 2))
			for _, retained := range []bool{true, false} {
				var kept slog.Record
				h := keepHandler{slog.DiscardHandler, func(got slog.Record) {
					assert.Equal(t, want, attrsOf(got))
					assert.Equal(t, []any{r.Time, r.Level, r.Message, r.PC}, []any{got.Time, got.Level, got.Message, got.PC})
					kept = got
				}}
				assert.NoError(t, HandleWith(t.Context(), h, r, retained, slog.Int("more", 1), slog.Int("and", 2)))
				assert.Equal(t, before, attrsOf(r))
				if retained {
					_ = HandleWith(t.Context(), slog.DiscardHandler, r, false, slog.Int("other", 1), slog.Int("event", 2))
					assert.Equal(t, want, attrsOf(kept))
				}
			}
		}
	})
}

func TestFreeKeepsNothing(t *testing.T) {
	pool := NewPool(slog.Int("first", 0), slog.String("second", "a"))
	s := pool.Get()
	list := s.Attrs()
	assert.Equal(t, []slog.Attr{slog.Int("first", 0), slog.String("second", "a")}, list)
	Set(&list[0].Value, slog.IntValue(7))
	for range 2 * scratchAttrs {
		list = append(list, slog.Int("k", 1))
	}
	s.Free(len(list))
	assert.Equal(t, [scratchAttrs]slog.Attr{slog.Int("first", 7), slog.String("second", "a")}, s.attrs)
	s.Free(0)
	assert.Equal(t, slog.Int("first", 7), s.attrs[0])
}

func TestSet(t *testing.T) {
	values := []slog.Value{
		{}, slog.IntValue(1), slog.IntValue(-2), slog.Uint64Value(1 << 63), slog.Float64Value(1.5), slog.BoolValue(true), slog.DurationValue(3),
		slog.StringValue(""), slog.StringValue("text"), slog.StringValue("text"[:2]), slog.AnyValue([]int{1}), slog.AnyValue(named("t")),
		slog.TimeValue(time.Unix(1, 2)), slog.TimeValue(time.Time{}), slog.GroupValue(slog.Int("a", 1)), slog.AnyValue(valuer{}),
	}
	bothWays(t, func(t *testing.T) {
		for _, from := range values {
			for _, to := range values {
				v := from
				Set(&v, to)
				assert.Equal(t, to, v)
			}
		}
	})
}
