package statsd

import (
	"fmt"
	"log/slog"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/slogtel"
)

// A parsed line, as a daemon that is as strict as can be would read it.
type parsed struct {
	name, value, typ, rate string
	tags                   []tag
}

const (
	nameForm   = `([A-Za-z0-9_.\-]+)`
	numberForm = `(-?[0-9]+(?:\.[0-9]+)?)`
	tailForm   = `\|(c|g|ms|h|d)(?:\|@(0\.[0-9]+))?`
	pairForm   = `[A-Za-z0-9_.\-]+=[A-Za-z0-9_.\-/@+%]+`
)

var forms = map[Dialect]*regexp.Regexp{
	Plain:     regexp.MustCompile(`^` + nameForm + `():` + numberForm + tailForm + `$`),
	DogStatsD: regexp.MustCompile(`^` + nameForm + `:` + numberForm + tailForm + `(?:\|#([A-Za-z0-9_.\-]+:[A-Za-z0-9_.\-/@+%:]+(?:,[A-Za-z0-9_.\-]+:[A-Za-z0-9_.\-/@+%:]+)*))?$`),
	InfluxDB:  regexp.MustCompile(`^` + nameForm + `((?:,` + pairForm + `)*):` + numberForm + tailForm + `$`),
	Graphite:  regexp.MustCompile(`^` + nameForm + `((?:;` + pairForm + `)*):` + numberForm + tailForm + `$`),
	SignalFX:  regexp.MustCompile(`^` + nameForm + `(?:\[(` + pairForm + `(?:,` + pairForm + `)*)\])?:` + numberForm + tailForm + `$`),
}

func parseLine(d Dialect, line string) (p parsed, err error) {
	m := forms[d].FindStringSubmatch(line)
	if m == nil {
		return p, fmt.Errorf("%v: not a line: %q", d, line)
	}
	tags, between, pair := "", ",", "="
	if d == DogStatsD {
		p = parsed{name: m[1], value: m[2], typ: m[3], rate: m[4]}
		tags, pair = m[5], ":"
	} else {
		p = parsed{name: m[1], value: m[3], typ: m[4], rate: m[5]}
		tags = m[2]
	}
	if d == Graphite {
		between = ";"
	}
	for t := range strings.SplitSeq(strings.Trim(tags, between), between) {
		if key, value, ok := strings.Cut(t, pair); ok {
			p.tags = append(p.tags, tag{key, value})
		}
	}
	return p, nil
}

// cleaned is another way to do what appendClean does.
func cleaned(text, allowed string, limit int) string {
	var b strings.Builder
	for _, r := range text {
		ok := r < 128 && (r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune(allowed, r))
		if !ok {
			r = '_'
		}
		b.WriteRune(r)
	}
	return b.String()[:min(limit, b.Len())]
}

// lines returns the lines that h makes of one event.
func lines(t testing.TB, h *Handler, r slog.Record) []string {
	c := h.client
	var s sample
	if c.tags.read(&r, &s) != wellRead {
		return nil
	}
	key, _ := c.appendKey(nil, &s, &h.base)
	x := c.newSeries(string(key), "")
	it := sum{item{x, s.bits}, 1, 0, ""}
	var all string
	if s.kind == gauge && math.Float64frombits(s.bits) < 0 {
		all = string(it.appendZero(nil))
	}
	all += string(it.appendLine(nil))
	require.True(t, strings.HasSuffix(all, "\n"))
	return strings.Split(strings.TrimSuffix(all, "\n"), "\n")
}

func checkLines(t testing.TB, h *Handler, d Dialect, fold bool, name, key, value string, v float64) {
	for k := range histogram + 1 {
		r := slog.NewRecord(time.Time{}, 0, slogtel.MessageMetric, 0)
		r.AddAttrs(slog.String(slogtel.KeyScope, name), slog.Int(slogtel.KeyDepth, 0), slog.String(slogtel.KeyParentScope, ""))
		typ, number := "", ""
		switch k {
		case timing:
			d := time.Duration(min(math.Abs(v), 1<<50)) // of longer ones a record does not have the nanoseconds
			r = timingRecord("x", d, slog.String(key, value))
			attrs := attrsOf(r)
			attrs[0] = slog.String(slogtel.KeyScope, name)
			r = with(r, attrs...)
			typ = "ms"
			number = strconv.FormatFloat(float64(max(0, d))/1e6, 'f', -1, 64)
		case counter:
			r.AddAttrs(slog.Any(slogtel.KeyMetricType, slogtel.TypeCounter), slog.Int64(slogtel.KeyValue, int64(v)))
			typ, number = "c", strconv.FormatInt(int64(v), 10)
		case gauge:
			r.AddAttrs(slog.Any(slogtel.KeyMetricType, slogtel.TypeGauge), slog.Float64(slogtel.KeyValue, v))
			typ = "g"
		case histogram:
			r.AddAttrs(slog.Any(slogtel.KeyMetricType, slogtel.TypeHistogram), slog.Float64(slogtel.KeyValue, v))
			typ = dialects[d].histogram
		}
		if k != timing {
			r.AddAttrs(slog.String(key, value))
		}
		got := lines(t, h, r)
		if v-v != 0 && (k == gauge || k == histogram) {
			require.Empty(t, got, "not finite")
			continue
		}
		require.Len(t, got, map[bool]int{false: 1, true: 2}[k == gauge && v < 0])
		for i, line := range got {
			p, err := parseLine(d, line)
			require.NoError(t, err)
			zero := k == gauge && v < 0 && i == 0
			wantName := cleaned(name, "_-.", 1024)
			if wantName == "" {
				wantName = unnamed
			}
			wantName = "app." + wantName
			var wantTags []tag
			if text := cleaned(value, h.client.allowedValue(), maxTag); text != "" && key == "key" {
				wantTags = []tag{{"key", text}}
			}
			if fold && wantTags != nil {
				wantName += ".key." + strings.ReplaceAll(cleaned(value, "_-", maxTag), ".", "_")
				wantTags = nil
			}
			require.Equal(t, wantName, p.name)
			require.Equal(t, wantTags, p.tags)
			require.Equal(t, typ, p.typ)
			require.Equal(t, map[bool]string{true: "0.5"}[k == counter || k == timing || k == histogram], p.rate)
			switch {
			case zero:
				require.Equal(t, "0", p.value)
			case number != "":
				if k == timing {
					f, err := strconv.ParseFloat(p.value, 64)
					require.NoError(t, err)
					require.Equal(t, number, strconv.FormatFloat(f, 'f', -1, 64))
					break
				}
				require.Equal(t, number, p.value)
			default:
				f, err := strconv.ParseFloat(p.value, 64)
				require.NoError(t, err)
				require.Equal(t, v, f)
			}
		}
	}
}

func (k *keyer) allowedValue() string {
	if k.values == dogBytes {
		return "_-./@+%:"
	}
	return "_-./@+%"
}

// lineHandlers are handlers of each dialect, and with tags in names.
func lineHandlers(t testing.TB) (all []*Handler) {
	for d := range Dialect(len(dialects)) {
		h, err := start("127.0.0.1:8125", &Options{
			Dialect: d, Prefix: "app", TagKeys: []string{"key"}, FoldTags: true, MaxPacketSize: 8000,
			SampleRates: SampleRates{Timing: 0.5, Counter: 0.5, Histogram: 0.5},
		}, sink{}.dial, 1)
		require.NoError(t, err)
		t.Cleanup(func() { _ = h.Shutdown(t.Context()) })
		all = append(all, h)
	}
	return all
}

var hostile = []string{
	"", "a", "a.b_c-d", "x:1|c\nforged:1|c", "x|#a:b", "a,b=c", "a;b=c", "a[b=c]", "a]b[", "#a", "é", "\u010a", "\xff\xfe", "日本",
	"_e{1,1}:a|b", "_sc|x|0", "\r\n", "\x00", " ", "@0.1", "|@0.1", "..", "NaN", "a\u2028b", "/../", "1e5", strings.Repeat("ü", 700),
}

func TestNothingIsForged(t *testing.T) {
	for d, h := range lineHandlers(t) {
		for _, name := range hostile {
			for _, value := range hostile {
				checkLines(t, h, Dialect(d), Dialect(d) == Plain, name, "key", value, 1.5)
			}
		}
		for _, v := range numbers {
			checkLines(t, h, Dialect(d), Dialect(d) == Plain, "a", "key", "b", v)
		}
	}
}

var numbers = []float64{0, math.Copysign(0, -1), 1, -1, 0.1, -0.1, 1e-9, 123456.789, -123456.789, 1e15, 1e18, 1e21, -1e21, 1 << 53, 1<<53 + 2, 1e100,
	math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, math.NaN(), math.Inf(1), math.Inf(-1), math.Pi}

func FuzzLine(f *testing.F) {
	for i, name := range hostile {
		f.Add(name, "key", hostile[len(hostile)-1-i], numbers[i%len(numbers)])
	}
	handlers := lineHandlers(f)
	f.Fuzz(func(t *testing.T, name, key, value string, v float64) {
		if event.Reserved(key) {
			t.Skip("not a caller's attribute")
		}
		for d, h := range handlers {
			checkLines(t, h, Dialect(d), Dialect(d) == Plain, name, key, value, v)
		}
	})
}

func TestMillis(t *testing.T) {
	for ns, want := range map[int64]string{
		0: "0", 1: "0.000001", 10: "0.00001", 100: "0.0001", 999_999: "0.999999", 1_000_000: "1", 1_500_000: "1.5",
		1_234_567: "1.234567", 60_000_000_000: "60000", -1: "0", math.MinInt64: "0", math.MaxInt64: "9223372036854.775807", 1_000_010: "1.00001",
	} {
		assert.Equal(t, want, string(appendMillis(nil, ns)))
	}
}

func TestNanos(t *testing.T) {
	assert.Equal(t, "0", string(appendMillis(nil, math.MinInt64)))
}

func FuzzNumber(f *testing.F) {
	for _, v := range numbers {
		f.Add(v, int64(v))
	}
	digits := regexp.MustCompile(`^` + numberForm + `$`)
	f.Fuzz(func(t *testing.T, v float64, ns int64) {
		if finite(v) {
			text := string(appendNumber(nil, v))
			back, err := strconv.ParseFloat(text, 64)
			if err != nil || back != v || !digits.MatchString(text) || text == "-0" {
				t.Fatalf("%v is written as %q", v, text)
			}
		}
		text := string(appendMillis([]byte("x"), ns))[1:]
		whole, part, dot := strings.Cut(text, ".")
		back, err := strconv.ParseInt(whole+part+strings.Repeat("0", 6-len(part)), 10, 64)
		if err != nil || back != max(ns, 0) || !digits.MatchString(text) || dot && strings.HasSuffix(part, "0") {
			t.Fatalf("%d ns are written as %q ms", ns, text)
		}
	})
}
