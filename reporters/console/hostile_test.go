package console_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/lmittmann/tint"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/console"
	"github.com/slogtel/telemetry/slogtel"
)

func hostilePC() uintptr {
	var pcs [1]uintptr
	runtime.Callers(2, pcs[:])
	return pcs[0]
}

// hasControl reports whether a terminal could act on s.
func hasControl(s string) bool {
	return !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || strings.ContainsRune("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", r)
	})
}

var hostileStrings = []string{
	"\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x1b", "\x1bc", "a\nINF forged 1ms", "\r\nWRN forged", "tab\tbs\b\x00",
	"\x7f", "\u009b31m", "\u0085", "\x9b31m", "\xff\xfe", "\ufffd", "ok\ufffd\x1b", "\u202egnp.exe", "\u2066x\u2069", "\u2028", "\u2029",
	`\x1b[31m`, `quoted \x1b[31m`, `\\x1b x`, "\\\x1b x", `"\x1b[2J`, "", " ", "=", "日本\x1b語", "\xed\xa0\x80", "\xf4\x90\x80\x80",
	strings.Repeat("\x1b[1m", 50),
}

type (
	sayString   string // each says itself in its own way
	sayError    string
	sayText     string
	sayLog      string
	sayGroup    string
	sayPanic    string
	sayLogPanic string
	sayGo       string
)

func (s sayString) String() string              { return string(s) }
func (s sayError) Error() string                { return string(s) }
func (s sayText) MarshalText() ([]byte, error)  { return []byte(s), nil }
func (s sayLog) LogValue() slog.Value           { return slog.StringValue(string(s)) }
func (s sayGroup) LogValue() slog.Value         { return slog.GroupValue(slog.String(string(s), string(s))) }
func (s sayPanic) MarshalText() ([]byte, error) { panic(string(s)) }
func (s sayLogPanic) LogValue() slog.Value      { panic(string(s)) }
func (s sayGo) Format(f fmt.State, _ rune)      { _, _ = f.Write([]byte(s)) }

// hostileAttrs has s in every place where an attribute has text.
func hostileAttrs(key, s string) []slog.Attr {
	return []slog.Attr{
		slog.String(key, s), slog.String(s, "v"), slog.Any(key, []byte(s)), slog.Any(key, namedBytes(s)),
		slog.Any(key, sayString(s)), slog.Any(key, sayError(s)), slog.Any(key, sayText(s)), slog.Any(key, sayLog(s)),
		slog.Any(key, sayGroup(s)), slog.Any(key, sayPanic(s)), slog.Any(key, sayLogPanic(s)), slog.Any(key, sayGo(s)),
		slog.Any(key, errors.Join(errors.New(s), errors.New(s))), slog.Any(key, map[string]string{s: s}),
		slog.Any(key, struct{ F any }{s}), slog.Any(key, []any{s, sayString(s)}), slog.Any(key, &slog.Source{File: s, Line: 1}),
		slog.Group(s, slog.Any(s, sayError(s)), slog.Group(s, slog.String(s, s))),
		tint.Attr(5, slog.String(s, s)), tint.Err(sayError(s)), tint.Attr(5, slog.Any(key, sayGroup(s))),
	}
}

// hostileRecords are records of every sort with s in every place.
func hostileRecords(s, parent string, depth int) []slog.Record {
	var all []slog.Record
	add := func(message string, attrs ...slog.Attr) {
		r := slog.NewRecord(time.Unix(1, 0), slog.LevelInfo, message, 0)
		r.AddAttrs(attrs...)
		all = append(all, r)
	}
	place := func(scope string) []slog.Attr {
		return []slog.Attr{slog.String("scope", scope), slog.Int("depth", depth), slog.String("parent_scope", parent)}
	}
	users := hostileAttrs("user"+s, s)
	add("m"+s, users...)
	add("m", slog.String(s, "v"))
	add("m", slog.Int(s, 1))
	add("m", slog.String("k", s))
	add(slogtel.MessageTiming, append(place(s), slog.Any("metric_type", slogtel.TypeTiming), slog.Float64("duration_s", float64(depth)), slog.String("error", "e"+s), slog.Attr{Value: slog.GroupValue(users...)})...)
	add(slogtel.MessageTiming, append(place(parent+"."+s), slog.Any("metric_type", slogtel.TypeTiming), slog.Float64("duration_s", 0.5))...)
	add(slogtel.MessageMetric, append(place(s), slog.Any("metric_type", slogtel.TypeGauge), slog.Float64("value", 1))...)
	for _, v := range []any{s, []byte(s), sayError(s), sayGroup(s)} {
		add(slogtel.MessageMetric, append(place(s), slog.Any("value", v))...)
	}
	add(slogtel.MessageSummary, append(place("s"+s), slog.String("metric_type", "t"+s), slog.Int("count", depth), slog.Attr{Value: slog.GroupValue(users...)})...)
	return all
}

var sgr = regexp.MustCompile("\x1b\\[[0-9;]*m")

// checkLines writes the records to a console and checks that each is one line in
// one Write, with no control character but the line's end and the colors that
// the same records have when all their strings are harmless.
func checkLines(t *testing.T, opts console.Options, s, parent string, depth int) {
	t.Helper()
	write := func(s, parent string) []string {
		var lines writeRecorder
		h := console.New(&lines, &opts)
		bound := hostileAttrs("k", s)
		derived := h.WithAttrs(bound).WithGroup(s).WithAttrs(bound[:2])
		for _, r := range hostileRecords(s, parent, depth)[:3] {
			_ = derived.Handle(context.Background(), r)
		}
		for _, h := range []slog.Handler{h, h.WithGroup(s)} {
			for _, r := range hostileRecords(s, parent, depth) {
				if err := h.Handle(context.Background(), r); err != nil {
					t.Fatal(err)
				}
			}
		}
		return lines
	}
	hostile, harmless := write(s, parent), write("x", "x")
	if len(hostile) != len(harmless) {
		t.Fatalf("%d lines, not %d", len(hostile), len(harmless))
	}
	for i, line := range hostile {
		text, whole := strings.CutSuffix(line, "\n")
		if rest := sgr.ReplaceAllString(text, ""); !whole || hasControl(rest) {
			t.Fatalf("string %q, color %v: control characters in %q", s, opts.Color, line)
		}
		if got, want := sgr.FindAllString(line, -1), sgr.FindAllString(harmless[i], -1); strings.Join(got, "") != strings.Join(want, "") {
			t.Fatalf("string %q: colors of %q are not those of %q", s, line, harmless[i])
		}
	}
}

// writeRecorder keeps each Write.
type writeRecorder []string

func (l *writeRecorder) Write(b []byte) (int, error) {
	*l = append(*l, string(b))
	return len(b), nil
}

func TestHostileStrings(t *testing.T) {
	for _, s := range hostileStrings {
		for _, opts := range []console.Options{
			{Color: slogtel.On}, {Color: slogtel.Off}, {Color: slogtel.On, Provenance: true}, {Color: slogtel.Off, Provenance: true, NoTime: true},
		} {
			checkLines(t, opts, s, s, 1)
		}
	}
}

func FuzzHandle(f *testing.F) {
	for i, s := range hostileStrings {
		f.Add(s, hostileStrings[len(hostileStrings)-1-i], i, i%2 == 0, i%3 == 0)
	}
	f.Fuzz(func(t *testing.T, s, parent string, depth int, color, provenance bool) {
		opts := console.Options{Color: slogtel.Off, Provenance: provenance}
		if color {
			opts.Color = slogtel.On
		}
		checkLines(t, opts, s, parent, depth)
	})
}

// What is hidden is shown as an escape, and nothing after it is lost.
func TestEscapes(t *testing.T) {
	for _, color := range []slogtel.Mode{slogtel.On, slogtel.Off} {
		var out bytes.Buffer
		log := slog.New(console.New(&out, &console.Options{NoTime: true, Color: color}))
		for in, want := range map[string]string{
			"\x1b[31mred":      `"\x1b[31mred"`,
			"a\x7fb":           `"a\x7fb"`,
			"cut\ufffdhere":    "\"cut\ufffdhere\"",
			"bad\xffbyte":      `"bad\xffbyte"`,
			`its \x1b[1m text`: `"its \\x1b[1m text"`,
			"a\nb":             `"a\nb"`,
		} {
			out.Reset()
			log.Info("m", "k", in)
			assert.Equal(t, "INF m k="+want+"\n", sgr.ReplaceAllString(out.String(), ""))
		}
		for in, want := range map[string]string{
			"a\nb\r\tc": `a\nb\r\tc`, "\x1b[2J\x7f\x00": `\x1b[2J\x7f\x00`, "\u009b\u202e": `\u009b\u202e`, "\xff": `\xff`, "é\ufffd": "é\ufffd",
		} {
			out.Reset()
			log.Info(in)
			assert.Equal(t, "INF "+want+"\n", sgr.ReplaceAllString(out.String(), ""))
		}
		for in, want := range map[string]string{
			"a\x1bb": `a\u001bb`, "a\x7fb": `a\x7fb`, "a\xffb": `a\xffb`, "a\ufffdb": `a\ufffdb`, "a\nb": `"a\nb"`,
		} {
			out.Reset()
			log.WithGroup(in).Info("m", in, 1)
			want := strings.Trim(want, `"`)
			want = want + "." + want
			if strings.Contains(in, "\n") {
				want = `"` + want + `"`
			}
			assert.Equal(t, "INF m "+want+"=1\n", sgr.ReplaceAllString(out.String(), ""))
		}
	}
}

type endlessGroups struct{}

func (endlessGroups) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("again", endlessGroups{}))
}

type neverResolved struct{}

func (n neverResolved) LogValue() slog.Value { return slog.AnyValue(n) }

func TestEndlessValues(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(console.New(&out, &console.Options{NoTime: true, Color: slogtel.Off}))
	log.Info("m", "e", endlessGroups{}, "n", neverResolved{}, "nil", slog.LogValuer(nil), "p", (*namedUser)(nil))
	assert.Regexp(t, `^INF m e(\.again){16}="!ERROR: groups nested too deeply" n="LogValue called too many times.*" nil=<nil> p="LogValue panicked.*"\n$`, out.String())
}

// A zone's name is data when the layout asks for it.
func TestHostileZone(t *testing.T) {
	var out bytes.Buffer
	h := console.New(&out, &console.Options{TimeFormat: "15:04 MST", Color: slogtel.Off})
	at := time.Unix(0, 0).In(time.FixedZone("\x1b[31m\n", 3600))
	require.NoError(t, h.Handle(t.Context(), slog.NewRecord(at, slog.LevelInfo, "m", 0)))
	require.NoError(t, h.Handle(t.Context(), slog.NewRecord(at.UTC(), slog.LevelInfo, "m", 0)))
	assert.Equal(t, "01:00 \"\\x1b[31m\\n\" INF m\n00:00 UTC INF m\n", out.String())
}

// A value that logs to the same handler while it is printed must not deadlock.
func TestReentrant(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(console.New(&out, &console.Options{NoTime: true, Color: slogtel.Off}))
	log.Info("outer", "v", logsItself{log})
	assert.Equal(t, "INF inner\nINF outer v=done\n", out.String())
}

type logsItself struct{ log *slog.Logger }

func (l logsItself) String() string {
	l.log.Info("inner")
	return "done"
}
