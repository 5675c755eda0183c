package console_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/lmittmann/tint"
	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/reporters/console"
	"github.com/slogtel/telemetry/slogtel"
)

var monotonicKeys = regexp.MustCompile(`(start_monotonic_s|end_monotonic_s)=[-+.e0-9]+`)

type (
	namedBytes   []byte
	failsMarshal struct{}
	panicMarshal struct{ v any }
	namedUser    struct{ Name string }
	valuerPair   struct{ a, b slog.Value }
	panicString  struct{}
)

func (failsMarshal) MarshalText() ([]byte, error)    { return []byte("x"), errors.New("no text") }
func (p *panicMarshal) MarshalText() ([]byte, error) { panic(p.v) }
func (u *namedUser) LogValue() slog.Value            { return slog.StringValue(u.Name) }
func (p valuerPair) LogValue() slog.Value {
	return slog.GroupValue(slog.Attr{Key: "a", Value: p.a}, slog.Attr{Key: "b", Value: p.b})
}
func (panicString) String() string { panic("String") }

// ordinary are attributes without control characters, of every kind.
var ordinary = []slog.Attr{
	slog.String("s", "plain"), slog.String("s", "two words"), slog.String("s", ""), slog.String("s", `say "hi" = \ / é 日本 µ`),
	slog.String("s", "line\nbreak\ttab\u0085\u009b\u202e"), slog.String("spaced key", "v"), slog.String("", "v"), slog.String("a\nb", "v"),
	slog.Int("i", -3), slog.Uint64("u", 1<<63), slog.Float64("f", 1.5e300), slog.Bool("b", true),
	slog.Duration("d", 90*time.Second), slog.Time("t", time.Date(2024, 5, 6, 7, 8, 9, 123456789, time.UTC)),
	slog.Any("nil", nil), slog.Any("err", errors.New("it failed")), slog.Any("err", (*net.OpError)(nil)),
	slog.Any("bytes", []byte("a\x1b\xffb")), slog.Any("bytes", namedBytes("x")), slog.Any("bytes", []byte(nil)),
	slog.Any("ip", net.IPv4(127, 0, 0, 1)), slog.Any("map", map[string]int{"a": 1}), slog.Any("struct", struct{ A, B int }{1, 2}),
	slog.Any("slice", []string{"a b", "c"}), slog.Any("pointer", (*namedUser)(nil).self()), slog.Any("chan", (chan int)(nil)),
	slog.Any("marshal", failsMarshal{}), slog.Any("marshal", &panicMarshal{"boom"}), slog.Any("marshal", (*panicMarshal)(nil)),
	slog.Any("stringer", panicString{}), slog.Any("stringer", (*time.Location)(nil)),
	slog.Any("source", &slog.Source{File: "/a/b c.go", Line: 7}), slog.Any("source", (*slog.Source)(nil)), slog.Any("source", &slog.Source{}),
	slog.Any("valuer", &namedUser{"ann"}), slog.Any("valuer", valuerPair{slog.IntValue(1), slog.AnyValue(&namedUser{"bob"})}),
	slog.Group("g", slog.Int("a", 1), slog.Group("h", slog.String("b", "x y"))), slog.Group("", slog.Int("inline", 1)),
	slog.Group("empty"), slog.Group("g", slog.Group("empty")), {}, slog.Group("g", slog.Attr{}),
	tint.Err(io.EOF), tint.Err(nil), tint.Attr(200, slog.Int("i", 1)), tint.Attr(3, slog.Group("g", slog.Any("v", &namedUser{"a b"}), tint.Err(io.EOF))),
	tint.Attr(3, slog.Any("v", &namedUser{"ann"})), slog.Any("valuer", valuerPair{tint.Err(io.EOF).Value, slog.AnyValue(failsMarshal{})}),
}

func (u *namedUser) self() **namedUser { return new(*namedUser) }

// Whatever has no control characters is written as tint writes it, to the byte.
func TestWritesLogsAsTint(t *testing.T) {
	at := time.Date(2024, 5, 6, 7, 8, 9, 123456789, time.Local)
	derive := map[string]func(slog.Handler, []slog.Attr) slog.Handler{
		"plain": func(h slog.Handler, _ []slog.Attr) slog.Handler { return h },
		"attrs": func(h slog.Handler, a []slog.Attr) slog.Handler { return h.WithAttrs(a) },
		"group": func(h slog.Handler, _ []slog.Attr) slog.Handler { return h.WithGroup("g") },
		"nested": func(h slog.Handler, a []slog.Attr) slog.Handler {
			return h.WithGroup("g").WithAttrs(a).WithGroup("h h").WithGroup("i").WithAttrs(a)
		},
		"nothing": func(h slog.Handler, _ []slog.Attr) slog.Handler { return h.WithGroup("").WithAttrs(nil) },
	}
	for _, color := range []bool{false, true} {
		mode := slogtel.Off
		if color {
			mode = slogtel.On
		}
		for name, derived := range derive {
			compare := func(message string, attrs ...slog.Attr) {
				t.Helper()
				var want, got bytes.Buffer
				a := derived(tint.NewTextHandler(&want, &tint.Options{NoColor: !color, AddSource: true}), attrs)
				b := derived(console.New(&got, &console.Options{Color: mode, AddSource: true}), attrs)
				r := slog.NewRecord(at, slog.LevelWarn+1, message, hostilePC())
				r.AddAttrs(attrs...)
				assert.NoError(t, a.Handle(t.Context(), r))
				assert.NoError(t, b.Handle(t.Context(), r))
				assert.Equal(t, want.String(), got.String(), "%s, color %v, %v", name, color, attrs)
			}
			compare("all of them", ordinary...)
			for _, a := range ordinary {
				compare("one of them é", a)
			}
			compare("")
		}
	}
}

// FuzzIsTint compares what is written of strings that tint itself can be
// trusted with.
func FuzzIsTint(f *testing.F) {
	f.Add("message", "key", "value", "group")
	f.Add("", "a b", "x=\"y\"", "")
	f.Add(`back\slash`, `\`, `\x1`, "é")
	f.Fuzz(func(t *testing.T, message, key, value, group string) {
		for _, s := range []string{message, key, value, group} {
			if strings.ContainsAny(s, "\x1b\x7f\ufffd") || strings.Contains(s, `\x1b`) || !utf8.ValidString(s) {
				t.Skip()
			}
		}
		if hasControl(message) {
			t.Skip()
		}
		for _, color := range []slogtel.Mode{slogtel.On, slogtel.Off} {
			var want, got bytes.Buffer
			for _, h := range []slog.Handler{
				tint.NewTextHandler(&want, &tint.Options{NoColor: color == slogtel.Off}),
				console.New(&got, &console.Options{Color: color}),
			} {
				r := slog.NewRecord(time.Unix(1, 0), slog.LevelInfo, message, 0)
				r.AddAttrs(slog.String(key, value), slog.Any(key, errors.New(value)), slog.Group(group, slog.String(key, value)))
				_ = h.WithAttrs([]slog.Attr{slog.String(key, value)}).WithGroup(group).Handle(t.Context(), r)
			}
			if want.String() != got.String() {
				t.Fatalf("tint wrote\n%q, not\n%q", want.String(), got.String())
			}
		}
	})
}

// A colored attribute is recognised by its type. If tint renames it, this fails.
func TestKeepsTintColors(t *testing.T) {
	var out bytes.Buffer
	slog.New(console.New(&out, &console.Options{Color: slogtel.On, NoTime: true})).Info("m", tint.Err(fmt.Errorf("\x1b[0mno\x7f")))
	assert.Equal(t, "\x1b[92mINF\x1b[0m m \x1b[2;91merr=\x1b[22m\"\\x1b[0mno\\x7f\"\x1b[0m\n", out.String())
}
