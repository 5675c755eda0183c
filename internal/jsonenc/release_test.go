package jsonenc

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// TestProbe gives probe a handler of each kind that a release of Go has had, and one that may come.
func TestProbe(t *testing.T) {
	const yearError = `"!ERROR:time.Time year outside of range [0,9999]"`
	for line, want := range map[string]quirks{
		`{"time":` + yearError + `"10000-01-01T00:00:00Z","level":"INFO","msg":"\ufffd"}`: {`\ufffd`, yearError, true},
		`{"time":` + yearError + `,"level":"INFO","msg":"` + "\ufffd" + `"}`:              {"\ufffd", yearError, false},
		`{"time":"10000-01-01T00:00:00Z","level":"INFO","msg":"?"}`:                       {"?", "", true},
	} {
		got := probe(func(w *strings.Builder) slog.Handler { return fixedLine{slog.DiscardHandler, w, line} })
		if got != want {
			t.Errorf("%s: got %+v, want %+v", line, got, want)
		}
	}
}

type fixedLine struct {
	slog.Handler
	w    *strings.Builder
	line string
}

func (h fixedLine) Handle(context.Context, slog.Record) error {
	h.w.WriteString(h.line + "\n")
	return nil
}

// TestQuirksInEveryPlace compares with the standard handler where its quirks can stand: in the
// message, keys, values, groups, errors and the three places of a time.
func TestQuirksInEveryPlace(t *testing.T) {
	for _, s := range []string{"\xff", "a\xffb\xfe", "\xe2\x80", "\xed\xa0\x80", "long enough for words \xff and more"} {
		if got, want := string(AppendString(nil, s)), stdAny(s); got != want {
			t.Errorf("value %q: got %s, want %s", s, got, want)
		}
		var b bytes.Buffer
		slog.New(slog.NewJSONHandler(&b, nil)).Info("", s, 1)
		if got := string(AppendKey(nil, s)); !strings.Contains(b.String(), ","+got+"1}") {
			t.Errorf("key %q: got %s, want it in %s", s, got, b.String())
		}
		for _, v := range []any{[]string{s}, map[string]string{s: s}, struct{ S string }{s}, &pointerError{s}, panics{s}, []byte(s)} {
			if got, want := string(AppendAny(nil, v)), stdAny(v); got != want {
				t.Errorf("%T of %q: got %s, want %s", v, s, got, want)
			}
		}
	}
	for _, year := range []int{-1 << 30, -10000, -1, 0, 1, 9999, 10000, 99999, 1 << 30} {
		at := time.Date(year, 6, 1, 0, 0, 0, 1, time.FixedZone("", -3600))
		for _, v := range []any{at, &at, []time.Time{at}, struct{ T time.Time }{at}} {
			if got, want := string(AppendValue(nil, slog.AnyValue(v))), stdAny(v); got != want {
				t.Errorf("%T of year %d: got %s, want %s", v, year, got, want)
			}
		}
	}
}
