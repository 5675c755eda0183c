package slogjson

import (
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/slogtel/telemetry/internal/testkit"
)

// FuzzJSON builds options, a tree of derived handlers and records from the bytes, and compares each
// line with the standard handler's.
func FuzzJSON(f *testing.F) {
	for n := range 20 {
		f.Add(randomBytes(uint64(n), 40*(n+1)))
	}
	f.Fuzz(func(t *testing.T, data []byte) { compare(t, data) })
}

// TestJSONAtRandom is the fuzz test with random bytes, for every run of the tests.
func TestJSONAtRandom(t *testing.T) {
	n := 20_000
	if testing.Short() || testkit.Race {
		n = 1000
	}
	for range n {
		seed := rand.Uint64()
		compare(t, randomBytes(seed, 300))
		if t.Failed() {
			t.Fatal("seed", seed)
		}
	}
}

func randomBytes(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 0))
	b := make([]byte, 0, n+8)
	for len(b) < n {
		b = binary.LittleEndian.AppendUint64(b, r.Uint64())
	}
	return b
}

func compare(t *testing.T, data []byte) {
	c := choices{data}
	opts := &slog.HandlerOptions{AddSource: c.below(4) == 0, ReplaceAttr: replacers[replacerNames[c.below(2*len(replacerNames))%len(replacerNames)]]}
	if c.below(2) == 0 {
		opts.ReplaceAttr = nil
	}
	handlers := []pair{newPair(opts)}
	for steps := 0; len(c.data) > 0 && steps < 100; steps++ {
		p := handlers[c.below(len(handlers))]
		switch c.below(4) {
		case 0:
			handlers = append(handlers, p.withGroup(c.key()))
		case 1:
			handlers = append(handlers, p.withAttrs(c.attrs(0)...))
		default:
			r := slog.NewRecord(c.time(), slog.Level(c.below(32)-16), c.string(), 0)
			if c.below(2) == 0 {
				r.PC = here()
			}
			r.AddAttrs(c.attrs(0)...)
			p.check(t, r)
		}
	}
}

var replacerNames = func() (names []string) {
	for _, name := range []string{"none", "identity", "no built-ins", "nothing", "renamed", "no keys", "groups shown", "into groups", "into inline groups",
		"into groups of nothing", "into LogValuers", "into strings", "into sources", "kept without its group"} {
		if _, ok := replacers[name]; !ok {
			panic(name)
		}
		names = append(names, name)
	}
	return names
}()

// choices turns bytes into decisions; when they have run out, each is the first one.
type choices struct{ data []byte }

func (c *choices) take(n int) []byte {
	n = min(n, len(c.data))
	b := c.data[:n]
	c.data = c.data[n:]
	return b
}

func (c *choices) below(n int) int { return int(c.uint64(1)) % n }

func (c *choices) uint64(bytes int) uint64 {
	var b [8]byte
	copy(b[:], c.take(bytes))
	return binary.LittleEndian.Uint64(b[:])
}

func (c *choices) string() string {
	switch c.below(4) {
	case 0:
		return strings.Repeat("plain text ", 3)[:c.below(34)]
	case 1:
		return []string{"", "a", "\u2028", "日本語", "\"quoted\"", "line\n", "\x00\x7f", "\xff", "<html>"}[c.below(9)]
	}
	return string(c.take(c.below(24)))
}

func (c *choices) key() string {
	if c.below(4) == 0 {
		return c.string()
	}
	return []string{"a", "b", "", "key", "duration_s", slog.TimeKey, slog.LevelKey, slog.MessageKey, slog.SourceKey}[c.below(9)]
}

func (c *choices) time() time.Time {
	zone := time.UTC
	switch c.below(6) {
	case 0:
		return time.Time{}
	case 1:
		zone = time.FixedZone("zone", int(int32(c.uint64(3)<<8)>>8))
	case 2:
		zone = time.Local
	case 3:
		return time.Unix(int64(c.uint64(8)), int64(c.uint64(4))) // mostly a year without JSON
	}
	return time.Unix(int64(c.uint64(5))<<24>>24, int64(c.uint64(4))).In(zone)
}

func (c *choices) attrs(depth int) []slog.Attr {
	attrs := make([]slog.Attr, c.below(8))
	for i := range attrs {
		if c.below(16) > 0 {
			attrs[i] = slog.Attr{Key: c.key(), Value: c.value(depth)}
		}
	}
	return attrs
}

func (c *choices) value(depth int) slog.Value {
	switch c.below(16) {
	case 0, 1:
		return slog.StringValue(c.string())
	case 2:
		return slog.Int64Value(int64(c.uint64(1 + c.below(8))))
	case 3:
		return slog.Uint64Value(c.uint64(1 + c.below(8)))
	case 4:
		return slog.Float64Value(math.Float64frombits(c.uint64(8)))
	case 5:
		return slog.Float64Value(float64(c.uint64(7)) / []float64{1, 10, 1e3, 1e6, 1e9, 3}[c.below(6)])
	case 6:
		return slog.BoolValue(c.below(2) == 0)
	case 7:
		return slog.DurationValue(time.Duration(c.uint64(8)))
	case 8:
		return slog.TimeValue(c.time())
	case 9, 10:
		if depth > 4 {
			return slog.GroupValue()
		}
		return slog.GroupValue(c.attrs(depth + 1)...)
	case 11:
		if depth > 4 {
			return slog.AnyValue(panickyValuer{})
		}
		return slog.AnyValue(valuer{c.value(depth + 1)})
	case 12:
		return slog.AnyValue(errors.New(c.string()))
	case 13:
		return slog.AnyValue([]any{c.string(), c.below(9), nil, fmt.Errorf("in a list %d", 1)})
	case 14:
		return slog.AnyValue([]string{c.string(), c.string()}[:c.below(3)])
	}
	return oddValues[c.below(len(oddValues))]
}

var oddValues = sampleValues()
