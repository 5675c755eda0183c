package events

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/jsonlines"
)

// keeper is a Sink that keeps what it gets.
type keeper struct{ all []*Event }

func (k *keeper) Event(e *Event) { k.all = append(k.all, e.Clone()) }

// kept are the events of several keepers, in the order of their places.
func kept(sinks []*keeper) (all []*Event) {
	for _, s := range sinks {
		all = append(all, s.all...)
	}
	slices.SortStableFunc(all, func(a, b *Event) int {
		if c := strings.Compare(a.Source.Input, b.Source.Input); c != 0 {
			return c
		}
		return int(a.Source.Line - b.Source.Line)
	})
	return all
}

// readText reads a text as standard input, in order, and checks that nothing is lost.
func readText(t testing.TB, text string, change func(*Options)) ([]*Event, Counts, []string) {
	var bad []string
	o := Options{Inputs: []string{"-"}, Stdin: strings.NewReader(text), Attrs: true, OnBad: func(p Position, err error) {
		bad = append(bad, fmt.Sprintf("%s:%d: %v", p.Input, p.Line, err))
	}}
	if change != nil {
		change(&o)
	}
	var k keeper
	c, err := ReadInOrder(t.Context(), o, &k)
	require.NoError(t, err)
	require.Equal(t, c.Read, c.Used+c.Filtered+c.Skipped+c.Bad, "%+v", c)
	require.Len(t, k.all, int(c.Used))
	require.Len(t, bad, int(c.Bad))
	return k.all, c, bad
}

const (
	timing  = `{"time":"2026-01-02T03:04:05.000000006Z","level":"INFO","msg":"telemetry.timing","scope":"a.b","depth":1,"parent_scope":"a","metric_type":"timing","call_count":3,"duration_s":0.25,"start_monotonic_s":1,"end_monotonic_s":1.25,"start_wall_time_s":1767323044.75,"end_wall_time_s":1767323045,"error":"no \"way\"","sample_rate":0.5,"model":"m","g":{"k":[1, 2]}}`
	counter = `{"time":"2026-01-02T03:04:06Z","level":"WARN","msg":"telemetry.metric","scope":"a.n","depth":1,"parent_scope":"a","metric_type":"counter","value":7,"in_summary":true}`
	plainLn = `{"time":"2026-01-02T03:04:06Z","level":"INFO","msg":"hello","scope":"a"}`
)

func TestEventOfALine(t *testing.T) {
	all, _, _ := readText(t, timing+"\n"+counter, nil)
	require.Len(t, all, 2)
	assert.Equal(t, &Event{
		Kind: Timing, Time: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), Scope: "a.b", Parent: "a", Depth: 1, Type: "timing",
		SampleRate: 0.5, CallCount: 3, Duration: 250 * time.Millisecond, Error: `no "way"`,
		Attrs: []Attr{{"model", "m"}, {"g.k", "[1, 2]"}}, Source: Position{"-", 1},
	}, all[0])
	assert.Equal(t, &Event{
		Kind: Metric, Level: 4, Time: time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC), Scope: "a.n", Parent: "a", Depth: 1, Type: "counter",
		SampleRate: 1, Value: 7, Numeric: true, Int: 7, Whole: true, InSummary: true, Attrs: []Attr{}, Source: Position{"-", 2},
	}, all[1])
}

// An event is the same in both schemas, and in what shippers make of its line.
func TestSchemasAndWrappersAgree(t *testing.T) {
	ignore := func(all []*Event) []*Event {
		for _, e := range all {
			e.Source, e.TraceID, e.SpanID, e.ParentSpanID, e.Time = Position{}, "", "", "", time.Time{}
			e.Attrs = slices.DeleteFunc(e.Attrs, func(a Attr) bool { // each schema has its own way with these
				return a.Key != "model"
			})
			if e.Kind == Timing && e.Scope != "elsewhere" {
				e.Duration = 1
			}
			if !e.Numeric {
				e.Text = ""
			}
		}
		return all
	}
	flat := strings.Join(written(t, jsonlines.Flat), "\n")
	want, counts, _ := readText(t, flat, nil)
	require.NotEmpty(t, want)
	ignore(want)
	ecs, _, _ := readText(t, strings.Join(written(t, jsonlines.ECS), "\n"), nil)
	assert.Equal(t, want, ignore(ecs))

	for name, text := range wrapped(flat) {
		t.Run(name, func(t *testing.T) {
			got, c, bad := readText(t, text, nil)
			assert.Equal(t, want, ignore(got))
			assert.Equal(t, counts.Read-counts.Skipped, c.Read-c.Skipped, bad)
			assert.Equal(t, counts.Bad, c.Bad, bad)
		})
	}
}

// wrapped are the lines of a text as shippers write them.
func wrapped(text string) map[string]string {
	out := make(map[string]*strings.Builder)
	line := func(name, format string, args ...any) {
		if out[name] == nil {
			out[name] = new(strings.Builder)
		}
		fmt.Fprintf(out[name], format+"\n", args...)
	}
	quote := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	const now = "2026-01-02T03:04:05.123456789Z"
	var values []string
	for _, l := range strings.Split(text, "\n") {
		line("docker", `{"log":%s,"stream":"stderr","time":"%s"}`, quote(l+"\n"), now)
		line("docker split", `{"log":%s,"stream":"stdout","time":"%s"}`, quote(l[:9]), now)
		line("docker split", `{"log":%s,"stream":"stdout","time":"%s"}`, quote(l[9:60]), now)
		line("docker split", `{"log":%s,"stream":"stdout","time":"%s"}`, quote(l[60:]+"\n"), now)
		line("cri", "%s stdout F %s", now, l)
		line("cri split", "%s stdout P %s", now, l[:50])
		line("cri split", "%s stdout P %s", now, l[50:60])
		line("cri split", "%s stdout F %s", now, l[60:])
		line("logcli", `{"labels":{"app":"x"},"line":%s,"timestamp":"%s"}`, quote(l), now)
		line("journal", `{"_PID":"1","MESSAGE":%s}`, quote(l))
		line("python", "%s", spaced(l))
		line("spaces", "  %s \r", l)
		values = append(values, fmt.Sprintf(`["1767323045000000000",%s]`, quote(l)))
	}
	line("loki", `{"status":"success","data":{"resultType":"streams","result":[{"stream":{"a":"b"},"values":[%s]}],"stats":{}}}`, strings.Join(values, ","))
	texts := make(map[string]string)
	for name, b := range out {
		texts[name] = b.String()
	}
	return texts
}

// spaced is JSON as Python's json.dumps writes it.
func spaced(line string) string {
	var b strings.Builder
	inside := false
	for i := range len(line) {
		c := line[i]
		if c == '"' && line[i-1] != '\\' {
			inside = !inside
		}
		b.WriteByte(c)
		if !inside && (c == ':' || c == ',') {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// Parts of lines of two streams are put together, across the borders of chunks too.
func TestPartsAcrossChunks(t *testing.T) {
	var text strings.Builder
	n := 0
	for text.Len() < 3*chunkSize {
		half := len(timing) / 2
		fmt.Fprintf(&text, "2026-01-02T03:04:05.1Z stdout P %s\n", timing[:half])
		fmt.Fprintf(&text, "2026-01-02T03:04:05.1Z stderr P %s\n", counter[:half/2])
		fmt.Fprintf(&text, "2026-01-02T03:04:05.1Z stdout F %s\n", timing[half:])
		fmt.Fprintf(&text, "2026-01-02T03:04:05.1Z stderr F %s\n", counter[half/2:])
		n += 2
	}
	_, c, bad := readText(t, text.String(), nil)
	assert.EqualValues(t, n, c.Used, bad)
	assert.EqualValues(t, n, c.Read)

	sinks, c := readParallel(t, Options{Inputs: []string{"-"}, Stdin: strings.NewReader(text.String())})
	assert.EqualValues(t, n, c.Used)
	assert.Len(t, kept(sinks), n)
}

func readParallel(t testing.TB, o Options) ([]*keeper, Counts) {
	var sinks []*keeper
	o.Workers = 3
	c, err := Read(t.Context(), o, func() Sink {
		sinks = append(sinks, new(keeper))
		return sinks[len(sinks)-1]
	})
	require.NoError(t, err)
	require.Equal(t, c.Read, c.Used+c.Filtered+c.Skipped+c.Bad)
	return sinks, c
}

// Read and ReadInOrder read the same, from plain and compressed files, and know the lines.
func TestFiles(t *testing.T) {
	var text bytes.Buffer
	for i := range 3000 {
		fmt.Fprintln(&text, strings.Replace(timing, `"call_count":3`, fmt.Sprintf(`"call_count":%d`, i+1), 1))
	}
	dir := t.TempDir()
	put := func(name string, data []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	put("a.jsonl", text.Bytes())
	var gz bytes.Buffer
	for _, half := range [][]byte{text.Bytes()[:1000], text.Bytes()[1000:]} { // two members
		w := gzip.NewWriter(&gz)
		w.Write(half)
		w.Close()
	}
	put("b.jsonl", gz.Bytes()) // known by its content
	zw, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	put("c.zst", zw.EncodeAll(text.Bytes(), nil))

	pattern := []string{filepath.Join(dir, "*")}
	var k keeper
	c, err := ReadInOrder(t.Context(), Options{Inputs: pattern, Attrs: true}, &k)
	require.NoError(t, err)
	assert.EqualValues(t, 9000, c.Used)
	assert.EqualValues(t, 3*text.Len(), c.Bytes)
	for i, e := range k.all {
		require.EqualValues(t, i%3000+1, e.CallCount)
		require.EqualValues(t, i%3000+1, e.Source.Line)
	}
	sinks, c2 := readParallel(t, Options{Inputs: pattern, Attrs: true})
	assert.Equal(t, c, c2)
	assert.Equal(t, k.all, kept(sinks))

	put("torn.gz", gz.Bytes()[:gz.Len()/2])
	k = keeper{}
	c, err = ReadInOrder(t.Context(), Options{Inputs: []string{filepath.Join(dir, "torn.gz")}}, &k)
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.Len(t, k.all, int(c.Used), "what came before is there")
	assert.NotZero(t, c.Used)
}

func TestInputErrors(t *testing.T) {
	dir := t.TempDir()
	for name, in := range map[string][]string{
		"absent":   {filepath.Join(dir, "x")},
		"no match": {filepath.Join(dir, "*.jsonl")},
		"folder":   {dir},
		"none":     nil,
		"pattern":  {"["},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadInOrder(t.Context(), Options{Inputs: in}, &keeper{})
			assert.Error(t, err)
		})
	}
	odd := filepath.Join(dir, "a[1].jsonl")
	require.NoError(t, os.WriteFile(odd, []byte(timing), 0o600))
	c, err := ReadInOrder(t.Context(), Options{Inputs: []string{odd}}, &keeper{})
	require.NoError(t, err, "a name that looks like a pattern")
	assert.EqualValues(t, 1, c.Used)
}

func TestWhatIsNoEvent(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want Counts
	}{
		"ordinary JSON":     {plainLn, Counts{Read: 1, Skipped: 1}},
		"text":              {"Starting up…\n\n  \n", Counts{Read: 1, Skipped: 1}},
		"other JSON":        {"[1,2]\n3\n\"x\"\n", Counts{Read: 3, Skipped: 3}},
		"no message":        {`{"a":1}`, Counts{Read: 1, Skipped: 1}},
		"torn at the end":   {timing[:100], Counts{Read: 1, Bad: 1}},
		"torn at the start": {timing[80:], Counts{Read: 1, Bad: 1}},
		"NUL bytes":         {"\x00\x00\x00" + timing[1:], Counts{Read: 1, Bad: 1}},
		"two on a line":     {timing + timing, Counts{Read: 2, Used: 2}},
		"byte order mark":   {"\xef\xbb\xbf" + timing, Counts{Read: 1, Used: 1}},
		"CRLF":              {timing + "\r\n" + timing + "\r\n", Counts{Read: 2, Used: 2}},
		"no scope":          {`{"msg":"telemetry.timing","duration_s":1}`, Counts{Read: 1, Bad: 1}},
		"no duration":       {`{"msg":"telemetry.timing","scope":"a","duration_s":"1ms"}`, Counts{Read: 1, Bad: 1}},
		"no value":          {`{"msg":"telemetry.metric","scope":"a"}`, Counts{Read: 1, Bad: 1}},
		"counter of text":   {`{"msg":"telemetry.metric","scope":"a","metric_type":"counter","value":"x"}`, Counts{Read: 1, Bad: 1}},
		"null":              {`{"msg":"telemetry.metric","scope":"a","value":null}`, Counts{Read: 1, Used: 1}},
		"a cut line":        {strings.Replace(timing, `"g":{"k":[1, 2]}}`, `"g":{"k":null},"truncated":true}`, 1), Counts{Read: 1, Used: 1}},
		"cut to nothing":    {`{"line":"{\"time\":…","truncated":true}`, Counts{Read: 1, Bad: 1}},
		"without its end":   {"2026-01-02T03:04:05.1Z stdout P {\"a\"\n", Counts{Read: 1, Bad: 1}},
		"CRI, text":         {"2026-01-02T03:04:05.1Z stdout F hello\n2026-01-02T03:04:05.1Z stderr F", Counts{Read: 2, Skipped: 2}},
		"Docker, text":      {`{"log":"hello\n","stream":"stdout","time":"x"}`, Counts{Read: 1, Skipped: 1}},
		"long scope":        {`{"msg":"telemetry.metric","value":1,"scope":"` + strings.Repeat("x", maxPath+1) + `"}`, Counts{Read: 1, Bad: 1}},
		"negative count":    {`{"msg":"telemetry.summary","scope":"a","count":-1}`, Counts{Read: 1, Bad: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			_, got, bad := readText(t, c.text, nil)
			got.Bytes, got.Looks = 0, ""
			assert.Equal(t, c.want, got, bad)
		})
	}
}

// Keys are found in groups, as the decoder of package slogtel does, and in objects that
// stand for keys with dots.
func TestGroups(t *testing.T) {
	in := strings.Replace(timing, `"scope"`, `"app":{"x":{"scope"`, 1)
	in = strings.Replace(in, `,"model"`, `},"model"`, 1) + "}"
	in = strings.TrimSuffix(in, "}") + `,"scope":5}`
	all, _, bad := readText(t, in, nil)
	require.Len(t, all, 1, bad)
	assert.Equal(t, "a.b", all[0].Scope)
	assert.Equal(t, 250*time.Millisecond, all[0].Duration)
	model, ok := all[0].Attr("model") // what stands around the event is its own, without the group
	assert.True(t, ok, all[0].Attrs)
	assert.Equal(t, "m", model)
}

func TestLongLines(t *testing.T) {
	long := strings.Replace(plainLn, "hello", strings.Repeat("x", 3*chunkSize), 1)
	text := timing + "\n" + long + "\n" + counter + "\n" + long
	_, c, _ := readText(t, text, nil)
	assert.Equal(t, Counts{Bytes: int64(len(text)), Read: 4, Used: 2, Skipped: 2}, c)

	limit := func(o *Options) { o.MaxLine = 2 * chunkSize }
	all, c, bad := readText(t, text, limit)
	assert.EqualValues(t, 2, c.Bad)
	assert.Equal(t, []string{"-:2: line longer than 524288 bytes", "-:4: line longer than 524288 bytes"}, bad)
	require.Len(t, all, 2)
	assert.EqualValues(t, 3, all[1].Source.Line)

	_, c, _ = readText(t, text, func(o *Options) { o.MaxLine = 1000 })
	assert.EqualValues(t, 2, c.Bad)
	parts := strings.Repeat("2026-01-02T03:04:05.1Z stdout P "+strings.Repeat("x", 600)+"\n", 3000) +
		"2026-01-02T03:04:05.1Z stdout F x\n2026-01-02T03:04:05.1Z stdout F " + timing
	all, c, _ = readText(t, parts, func(o *Options) { o.MaxLine = 1000 })
	assert.Len(t, all, 1)
	assert.NotZero(t, c.Bad)
}

func TestFilters(t *testing.T) {
	text := timing + "\n" + counter + "\n" + plainLn
	at := func(s string) time.Time { v, err := time.Parse(time.RFC3339, s); require.NoError(t, err); return v }
	for name, c := range map[string]struct {
		change func(*Options)
		used   int64
	}{
		"scope":         {func(o *Options) { o.Scope = "a.*" }, 2},
		"scope exact":   {func(o *Options) { o.Scope = "a.?" }, 2},
		"scope of none": {func(o *Options) { o.Scope = "b*" }, 0},
		"since":         {func(o *Options) { o.Since = at("2026-01-02T03:04:06Z") }, 1},
		"until":         {func(o *Options) { o.Until = at("2026-01-02T03:04:06Z") }, 1},
		"where":         {func(o *Options) { o.Where = []Condition{condition("model=m")}; o.Attrs = false }, 1},
		"where not":     {func(o *Options) { o.Where = []Condition{condition("model=")} }, 1},
		"where inside":  {func(o *Options) { o.Where = []Condition{condition("g.k=[1, 2]")}; o.Attrs = false }, 1},
		"where ours":    {func(o *Options) { o.Where = []Condition{condition(`error=no "way"`), condition("metric_type=timing")} }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			_, got, _ := readText(t, text, c.change)
			assert.EqualValues(t, c.used, got.Used)
			assert.EqualValues(t, 2-c.used, got.Filtered)
			assert.EqualValues(t, 1, got.Skipped)
		})
	}
}

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern, s string
		want       bool
	}{
		{"", "", true}, {"*", "", true}, {"a.*", "a.b.c", true}, {"a.*", "a", false}, {"*.c", "a.b.c", true},
		{"a.?", "a.b", true}, {"a.?", "a.bc", false}, {"*b*", "abc", true}, {"**", "x", true}, {"a*b*c", "aXbYbZc", true}, {"[a]", "a", false},
	} {
		assert.Equal(t, c.want, globMatch(c.pattern)(c.s), "%s %s", c.pattern, c.s)
	}
}

func TestProgress(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x")
	text := strings.Repeat(timing+"\n", 5000)
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	var all []Progress
	_, err := ReadInOrder(t.Context(), Options{Inputs: []string{name}, Progress: func(p Progress) { all = append(all, p) }}, &keeper{})
	require.NoError(t, err)
	last := all[len(all)-1]
	assert.Equal(t, Progress{Done: int64(len(text)), Total: int64(len(text)), End: true}, last)
	assert.False(t, all[0].End)
}

func condition(s string) Condition {
	c, err := ParseCondition(s)
	if err != nil {
		panic(err)
	}
	return c
}
