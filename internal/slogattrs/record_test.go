package slogattrs

import (
	"fmt"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestNewRecord(t *testing.T) {
	if !known {
		t.Logf("%s has another slog.Record: records are right, but slower. See known.go", runtime.Version())
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
			borrowing := NewRecord(now, slog.LevelWarn, "m", list, false)
			assert.Equal(t, want, attrsOf(borrowing))
			borrowing.AddAttrs(slog.Int("more", 1)) // not into the room behind the list
			assert.Equal(t, "room", list[:n+1][n].Key)

			r := NewRecord(now, slog.LevelWarn, "m", list, true)
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

func BenchmarkNewRecord(b *testing.B) {
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
				r := NewRecord(time.Time{}, slog.LevelInfo, "m", room[:], true)
				if r.NumAttrs() != 11 {
					b.Fatal(r.NumAttrs())
				}
			}
		})
	}
}
