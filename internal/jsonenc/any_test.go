package jsonenc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/slogtel/telemetry/internal/testkit"
)

type (
	panics        struct{ with any }
	pointerError  struct{ text string }
	errorWithJSON struct{}
	failingJSON   struct{}
	textOnly      struct{}
	badJSON       struct{}
	point         struct {
		X, Y int
		Name string `json:"name,omitempty"`
	}
)

func (p panics) Error() string                     { panic(p.with) }
func (p *pointerError) Error() string              { return p.text }
func (errorWithJSON) Error() string                { return "as an error" }
func (errorWithJSON) MarshalJSON() ([]byte, error) { return []byte(`{ "as": "JSON" }`), nil }
func (failingJSON) MarshalJSON() ([]byte, error) {
	return nil, errors.New("cannot <be> \"marshalled\"")
}
func (textOnly) MarshalText() ([]byte, error) { return []byte("text <&>"), nil }
func (badJSON) MarshalJSON() ([]byte, error)  { return []byte(`{"a":`), nil }

func TestAny(t *testing.T) {
	cyclic := map[string]any{}
	cyclic["self"] = cyclic
	for _, v := range []any{
		nil, 1, int8(-1), uint(2), 1.5, float32(0.1), true, "text", 'x', complex(1, 2), make(chan int), func() {},
		slog.LevelInfo, slog.LevelDebug - 3, slog.LevelError + 7, slog.LevelWarn + 1, slog.KindAny, slog.Kind(3), new(slog.LevelVar),
		time.Second, time.Date(2024, 1, 2, 3, 4, 5, 6, time.UTC), &time.Time{}, time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC),
		[]byte("bytes"), []byte(nil), json.RawMessage(`{"a": 1}`), json.Number("12e3"), json.Number("x"),
		[]string(nil), []string{}, []string{"a"}, []string{"a", "", "long enough for words", "é"}, []string{"<b>", "q\"", "\b\f\x01", "\xff", "\u2028"},
		[]int{1, 2}, [2]bool{true}, map[string]any{"b": 1, "a": []any{nil, "x", 1.5, 1e21}}, map[int]string{2: "b", 1: "a"}, map[bool]int{true: 1},
		point{1, 2, ""}, &point{3, 4, "<p>"}, (*point)(nil), []*point{nil, {}}, struct{ F float64 }{math.NaN()}, math.Inf(-1), cyclic,
		errors.New("an error"), fmt.Errorf("wrapped: %w", errors.New("\"q\"\n")), errors.Join(errors.New("a"), errors.New("b")),
		errorWithJSON{}, failingJSON{}, badJSON{}, textOnly{}, map[textOnly]int{{}: 1},
		&pointerError{"text"}, (*pointerError)(nil), panics{"text"}, panics{errors.New("error")}, panics{nil}, panics{panics{"twice"}}, &panics{1}, (*panics)(nil),
		[]any{panics{"inside"}, nil}, struct{ E error }{panics{"in a field"}}, strings.NewReplacer("a", "b"), bytes.NewBufferString("x"),
	} {
		want := stdAny(v)
		value := slog.AnyValue(v)
		if got := string(AppendValue([]byte("x"), value)); got != "x"+want {
			t.Errorf("%T: got %s, want %s", v, got, "x"+want)
		}
		if value.Kind() != slog.KindAny {
			continue
		}
		if got := string(AppendAny(nil, v)); got != want {
			t.Errorf("%T: got %s, want %s", v, got, want)
		}
	}
}

// stdAny is the text that slog has for a value, whatever its kind.
func stdAny(v any) string {
	var b bytes.Buffer
	h := slog.NewJSONHandler(&b, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key != slog.MessageKey {
			return slog.Attr{}
		}
		return slog.Any(a.Key, v)
	}})
	slog.New(h).Info("")
	return strings.TrimSuffix(strings.TrimPrefix(b.String(), `{"msg":`), "}\n")
}

func TestLevels(t *testing.T) {
	for l := slog.Level(-1000); l < 1000; l++ {
		if got, want := string(AppendLevel(nil, l)), `"`+l.String()+`"`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for _, l := range []slog.Level{math.MaxInt, math.MinInt} {
		if got, want := string(AppendLevel(nil, l)), `"`+l.String()+`"`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestRareTimes(t *testing.T) {
	for _, at := range []time.Time{
		{}, time.Unix(1<<60, 0), time.Unix(-1<<60, 0), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(-1, 12, 31, 23, 59, 59, 1, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC), time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(9999, 12, 31, 23, 0, 0, 0, time.UTC).In(time.FixedZone("", 7200)), time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC).In(time.FixedZone("", -7200)),
		time.Date(2024, 1, 1, 0, 0, 0, 0, time.FixedZone("", 1<<30)), time.Date(2024, 1, 1, 0, 0, 0, 0, time.FixedZone("", -1<<30)), time.Now(),
	} {
		if got, want := string(AppendTime(nil, at)), stdAny(at); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestNothingIsAllocated(t *testing.T) {
	if testkit.Race {
		t.Skip("the race detector allocates")
	}
	dst := make([]byte, 0, 1024)
	now := time.Now()
	err, list := errors.New("an error"), any([]string{"a", "b"})
	got := testing.AllocsPerRun(100, func() {
		dst = AppendString(dst[:0], "a \"quoted\" string of é and \xff")
		dst = AppendKey(dst, "key")
		dst = AppendInt(dst, -1234567890)
		dst = AppendUint(dst, math.MaxUint64)
		dst = AppendFloat(dst, 0.001234567)
		dst = AppendFloat(dst, 1763850000.1234567)
		dst = AppendFloat(dst, 1e300)
		dst = AppendTime(dst, now)
		dst = AppendBool(dst, true)
		dst = AppendLevel(dst, slog.LevelInfo+1)
		dst = AppendAny(dst, err)
		dst = AppendAny(dst, list)
	})
	if got != 0 {
		t.Errorf("%v allocations", got)
	}
}
