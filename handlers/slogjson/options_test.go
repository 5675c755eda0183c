package slogjson

import (
	"bytes"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"testing"
)

// here is the program counter of its caller.
func here() uintptr {
	var pcs [1]uintptr
	runtime.Callers(2, pcs[:])
	return pcs[0]
}

func TestJSONLevels(t *testing.T) {
	var level slog.LevelVar
	level.Set(slog.LevelWarn)
	for _, opts := range []*slog.HandlerOptions{nil, {}, {Level: slog.LevelDebug}, {Level: &level}} {
		p := newPair(opts).withGroup("g").withAttrs(slog.Int("a", 1))
		for l := slog.Level(-10); l < 10; l++ {
			if got, want := p.ours.Enabled(ctx, l), p.std.Enabled(ctx, l); got != want {
				t.Errorf("%v: enabled %v, want %v", l, got, want)
			}
		}
	}
	h := New(io.Discard, &slog.HandlerOptions{Level: &level})
	level.Set(slog.LevelError)
	if h.Enabled(ctx, slog.LevelWarn) {
		t.Error("the level was asked only once")
	}
	p := newPair(&slog.HandlerOptions{Level: slog.LevelError})
	p.check(t, record()) // Handle does not ask Enabled
}

func TestJSONCopiesOptions(t *testing.T) {
	var b bytes.Buffer
	opts := &slog.HandlerOptions{}
	h := New(&b, opts)
	opts.AddSource = true
	opts.Level = slog.LevelError
	opts.ReplaceAttr = func([]string, slog.Attr) slog.Attr { panic("not mine") }
	if !h.Enabled(ctx, slog.LevelInfo) {
		t.Error("the level has changed")
	}
	slog.New(h).Info("message", "key", 1)
	if got := b.String(); !strings.HasSuffix(got, `"level":"INFO","msg":"message","key":1}`+"\n") {
		t.Error(got)
	}
}

// More call sites than there are slots for them, from several goroutines.
func TestJSONSource(t *testing.T) {
	pcs := make([]uintptr, 0, 3<<placeBits)
	for pc := here(); len(pcs) < cap(pcs); pc++ {
		pcs = append(pcs, pc)
	}
	done := make(chan bool)
	for range 4 {
		go func() {
			defer func() { done <- true }()
			p := newPair(&slog.HandlerOptions{AddSource: true})
			for range 2 {
				for _, pc := range pcs {
					r := record()
					r.PC = pc
					p.check(t, r)
				}
			}
		}()
	}
	for range 4 {
		<-done
	}
}
