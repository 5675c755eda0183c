package slogjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
)

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestJSONReturnsTheWritersError(t *testing.T) {
	full := errors.New("disk full")
	h := New(writerFunc(func(p []byte) (int, error) { return 0, full }), nil)
	if err := h.WithGroup("g").Handle(ctx, record(slog.Int("a", 1))); err != full {
		t.Errorf("got %v", err)
	}
	h = New(writerFunc(func(p []byte) (int, error) { return len(p) - 1, nil }), nil)
	if err := h.Handle(ctx, record()); err != io.ErrShortWrite {
		t.Errorf("got %v", err)
	}
	h = New(writerFunc(func(p []byte) (int, error) { return len(p), full }), nil)
	if err := h.Handle(ctx, record()); err != full {
		t.Errorf("got %v", err)
	}
}

func TestJSONWithoutAWriter(t *testing.T) {
	if err := New(nil, nil).Handle(ctx, record()); err != nil {
		t.Error(err)
	}
}

// After a panic in the app's functions the handler goes on, with nothing left over of the line.
func TestJSONOutlivesPanics(t *testing.T) {
	var b bytes.Buffer
	broken := true
	panics := func() {
		if broken {
			panic("broken")
		}
	}
	h := New(writerFunc(func(p []byte) (int, error) {
		panics()
		return b.Write(p)
	}), nil)
	replacing := New(&b, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == "second" {
			panics()
		}
		return a
	}})
	for _, h := range []slog.Handler{h, h.WithGroup("g"), replacing, replacing.WithGroup("g")} {
		b.Reset()
		broken = true
		try := func(f func()) (recovered any) {
			defer func() { recovered = recover() }()
			f()
			return nil
		}
		r := record(slog.Group("group", slog.Int("first", 1), slog.Int("second", 2)))
		if got := try(func() { h.Handle(ctx, r) }); got != "broken" {
			t.Fatalf("recovered %v", got)
		}
		if mu := &h.(*Handler).out.mu; !mu.TryLock() {
			t.Fatal("the mutex is still locked")
		} else {
			mu.Unlock()
		}
		broken = false
		if err := h.Handle(ctx, r); err != nil {
			t.Fatal(err)
		}
		if !json.Valid(b.Bytes()) || strings.Count(b.String(), "first") != 1 {
			t.Errorf("got %s", &b)
		}
	}
}

// A huge record is written whole, and its memory is not kept.
func TestJSONPoolsNoHugeLines(t *testing.T) {
	p := newPair(nil)
	p.check(t, record(slog.String("huge", strings.Repeat("x", 1<<20))))
	for range 100 {
		l := lines.Get().(*line)
		if cap(l.buf) > maxPooled {
			t.Fatalf("a line of %d bytes is in the pool", cap(l.buf))
		}
		l.release()
	}
}

type selfish struct{ children int }

func (s selfish) LogValue() slog.Value {
	members := make([]slog.Attr, s.children)
	for i := range members {
		members[i] = slog.Any("child", s)
	}
	return slog.GroupValue(members...)
}

// Groups without end would overflow the stack, or fill the memory.
func TestJSONEndsEndlessGroups(t *testing.T) {
	for children := 1; children < 4; children++ {
		var b bytes.Buffer
		h := New(&b, nil)
		for _, h := range []slog.Handler{h, h.WithAttrs([]slog.Attr{slog.Any("with", selfish{children})})} {
			b.Reset()
			if err := h.Handle(ctx, record(slog.Any("self", selfish{children}), slog.Int("after", 1))); err != nil {
				t.Fatal(err)
			}
			var m map[string]any
			if err := json.Unmarshal(b.Bytes(), &m); err != nil || m["after"] != 1.0 {
				t.Errorf("%v in %.100s", err, &b)
			}
			if !strings.Contains(b.String(), `"child":"!ERROR:groups nested too deep"`) {
				t.Errorf("got %.100s", &b)
			}
		}
	}
}

// Up to the bound the depth is the standard handler's.
func TestJSONDeepGroups(t *testing.T) {
	a := slog.Int("leaf", 1)
	for range maxDepth {
		a = slog.Attr{Key: "g", Value: slog.GroupValue(a)}
	}
	newPair(nil).check(t, record(a, a, slog.Int("after", 1)))

	many := make([]slog.Attr, 2*maxDepth)
	for i := range many {
		many[i] = slog.Group("g", "a", 1)
	}
	newPair(nil).check(t, record(many...))
}
