package slogtel

import (
	"fmt"
	"log/slog"
	"reflect"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// bothWays runs f with records made in both ways.
func bothWays(t *testing.T, f func(t *testing.T)) {
	known := layoutKnown
	defer func() { layoutKnown = known }()
	for _, layoutKnown = range []bool{known, false} {
		t.Run(fmt.Sprintf("layout known %v", layoutKnown), f)
	}
}

func TestNewRecord(t *testing.T) {
	if !layoutKnown {
		t.Logf("%s has another slog.Record: records are right, but slower. See newrecord.go", runtime.Version())
	}
	now := time.Now()
	bothWays(t, func(t *testing.T) {
		for n := range 20 {
			list := make([]slog.Attr, n)
			for i := range list {
				list[i] = slog.Int(fmt.Sprint("k", i), i)
			}
			want := append([]slog.Attr{}, list...)
			list = append(list, slog.Int("room", 1))[:n]
			borrowing := newRecord(now, slog.LevelWarn, "m", list, false)
			assert.Equal(t, want, attrsOf(borrowing))
			borrowing.AddAttrs(slog.Int("more", 1)) // not into the room behind the list
			assert.Equal(t, "room", list[:n+1][n].Key)

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

func attrsOf(r slog.Record) []slog.Attr {
	got := []slog.Attr{}
	r.Attrs(func(a slog.Attr) bool { got = append(got, a); return true })
	return got
}

func TestSameLayout(t *testing.T) {
	type other struct {
		Time    time.Time
		Message string
		Level   slog.Level
		PC      uintptr
		nFront  int
		front   [5]slog.Attr
		back    []slog.Attr
	}
	ours := reflect.TypeFor[recordLayout]()
	assert.True(t, sameLayout(ours, ours))
	assert.False(t, sameLayout(ours, reflect.TypeFor[other]()), "the same size, another order")
	assert.False(t, sameLayout(ours, reflect.TypeFor[struct{ Time time.Time }]()))
	_ = other{}.nFront
	_ = other{}.front
	_ = other{}.back
}

func BenchmarkNewRecord(b *testing.B) {
	var room [11]slog.Attr
	for i := range room {
		room[i] = slog.Float64("duration_s", float64(i))
	}
	known := layoutKnown
	defer func() { layoutKnown = known }()
	for _, layoutKnown = range []bool{known, false} {
		b.Run(fmt.Sprintf("layoutKnown=%v", layoutKnown), func(b *testing.B) {
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
