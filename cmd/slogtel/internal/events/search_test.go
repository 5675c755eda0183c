package events

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/ulikunitz/xz"

	"github.com/slogtel/telemetry/reporters/jsonlines"
)

// shapes are what shippers and stores make of the lines of a file.
func shapes(t *testing.T, lines []string) map[string]string {
	quote := func(v any) string {
		b, err := json.Marshal(v)
		require.NoError(t, err)
		return string(b)
	}
	each := func(f func(line string) string) string {
		var b strings.Builder
		for _, l := range lines {
			b.WriteString(f(l) + "\n")
		}
		return b.String()
	}
	var docs []map[string]any
	for _, l := range lines {
		var d map[string]any
		dec := json.NewDecoder(strings.NewReader(l))
		dec.UseNumber()
		require.NoError(t, dec.Decode(&d))
		docs = append(docs, d)
	}
	indent := func(v any) string {
		b, err := json.MarshalIndent(v, "", " ")
		require.NoError(t, err)
		return string(b)
	}
	colored := func(l string) string { return "\x1b[1;39m{\x1b[0m\x1b[34m" + l[1:] + "\x1b[0m" }
	words := utf16.Encode([]rune(each(strings.Clone)))
	utf16be, err := binary.Append(nil, binary.BigEndian, words)
	require.NoError(t, err)
	var packed bytes.Buffer
	z, err := xz.NewWriter(&packed)
	require.NoError(t, err)
	z.Write([]byte(each(strings.Clone)))
	require.NoError(t, z.Close())
	i := 0
	next := func() map[string]any { i++; return docs[(i-1)%len(docs)] }
	return map[string]string{
		"prefix":             each(func(l string) string { return "<14>1 host app[1]: info: " + l }),
		"prefix in brackets": each(func(l string) string { return `[x/y] {a="b", c="d"} | ` + l + " ]}" }),
		"colors":             each(colored),
		"string, any key":    each(func(l string) string { return `{"k":{"x":[` + quote(l) + `]}}` }),
		"string in a string": each(func(l string) string { return `{"a":` + quote(`{"b":`+quote(l)+`}`) + `}` }),
		"logfmt":             each(func(l string) string { return "level=info line=" + quote(l) + " n=1" }),
		"CSV":                each(func(l string) string { return `1,"` + strings.ReplaceAll(l, `"`, `""`) + `",x` }),
		"bytes": each(func(l string) string {
			return `{"MESSAGE":` + strings.ReplaceAll(fmt.Sprint([]byte(l)), " ", ",") + `}`
		}),
		"object":            each(func(l string) string { return `{"_source" : ` + l + `, "_id":"1"}` }),
		"array on a line":   "[" + strings.Join(lines, ",") + "]",
		"array":             "[" + strings.Join(lines, ",\n") + "\n]\n",
		"array of strings":  "[\n" + strings.TrimSuffix(each(func(l string) string { return quote(l) + "," }), ",\n") + "\n]",
		"pretty":            each(func(string) string { return indent(next()) }),
		"pretty, nested":    indent(map[string]any{"hits": map[string]any{"hits": docs}}),
		"pretty after text": "starting up\n[main] ready\n" + each(func(string) string { return indent(next()) }),
		"no newlines":       strings.Join(lines, ""),
		"UTF-16":            string(utf16be),
		"xz":                packed.String(),
	}
}

// A telemetry line is found wherever it is.
func TestLinesAreFoundAnywhere(t *testing.T) {
	for name, schema := range map[string]jsonlines.Schema{"flat": jsonlines.Flat, "ecs": jsonlines.ECS} {
		var lines []string
		for _, l := range written(t, schema) {
			if all, _, _ := readText(t, l, nil); len(all) == 1 {
				lines = append(lines, l)
			}
		}
		want, _, _ := readText(t, strings.Join(lines, "\n"), nil)
		require.Len(t, want, len(lines))
		for shape, text := range shapes(t, lines) {
			t.Run(name+", "+shape, func(t *testing.T) {
				got, c, bad := readText(t, text, nil)
				require.Len(t, got, len(want), bad)
				assert.Zero(t, c.Bad, bad)
				for i := range want {
					assert.ElementsMatch(t, want[i].Attrs, got[i].Attrs)
					w, g := want[i].Clone(), got[i].Clone()
					w.Source, g.Source, w.Attrs, g.Attrs = Position{}, Position{}, nil, nil
					if w.Text != "" && !w.Numeric {
						w.Text, g.Text = "", "" // JSON in other words
					}
					assert.Equal(t, w, g)
				}
			})
		}
	}
}

// Stores turn members into shapes of their own.
func TestShapesOfStores(t *testing.T) {
	for name, line := range map[string]string{
		"strings":  `{"_time":"2026-01-02T03:04:05Z","_msg":"telemetry.metric","scope":"a.n","depth":"1","parent_scope":"a","metric_type":"counter","value":"7","unit":"By"}`,
		"dots":     `{"@timestamp":"2026-01-02T03:04:05Z","message":"telemetry.metric","slogtel.scope":"a.n","slogtel.depth":1,"slogtel.parent_scope":"a","slogtel.metric_type":"counter","slogtel.value":7,"slogtel.unit":"By","labels.x":"y"}`,
		"expanded": `{"@timestamp":"2026-01-02T03:04:05Z","log":{"level":"info"},"event":{"kind":"metric"},"message":"telemetry.metric","slogtel":{"scope":"a.n","depth":1,"parent_scope":"a","metric_type":"counter","value":7,"unit":"By"}}`,
		"OTLP": `{"logRecords":[{"timeUnixNano":"1","body":{"stringValue":"telemetry.metric"},"attributes":[{"key":"time","value":{"stringValue":"2026-01-02T03:04:05Z"}},` +
			`{"key":"scope","value":{"stringValue":"a.n"}},{"key":"depth","value":{"intValue":"1"}},{"key":"parent_scope","value":{"stringValue":"a"}},` +
			`{"key":"metric_type","value":{"stringValue":"counter"}},{"key":"value","value":{"intValue":"7"}},{"key":"unit","value":{"stringValue":"By"}}]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			all, c, bad := readText(t, line, nil)
			require.Len(t, all, 1, bad)
			assert.EqualValues(t, 1, c.Read)
			e := all[0]
			assert.Equal(t, []any{"a.n", "a", 1, int64(7), true, "By"}, []any{e.Scope, e.Parent, e.Depth, e.Int, e.Whole, e.Unit})
		})
	}
}

// A torn line does not take those after it along, in a file that looks like one document too.
func TestTornDocument(t *testing.T) {
	all, _, _ := readText(t, "{\"a\":1,\n"+timing+"\n"+counter+"\n", nil)
	assert.Len(t, all, 2)
	all, c, _ := readText(t, "{\n \"a\": 1,\n \"b\": {\n"+timing+"\n"+counter+"\n", nil)
	assert.Len(t, all, 2, c)
}

// A log that quotes a line of telemetry in an attribute is the app's.
func TestQuotedTelemetry(t *testing.T) {
	quoted, _ := json.Marshal(timing)
	_, c, _ := readText(t, `{"level":"INFO","msg":"sent","body":`+string(quoted)+`}`, nil)
	assert.EqualValues(t, 1, c.Skipped)
	torn, _ := json.Marshal(timing[:len(timing)-10])
	_, c, _ = readText(t, `{"log":`+string(torn)+`}`, nil)
	assert.EqualValues(t, 1, c.Bad, "what is torn inside is a loss")
}

func TestTextInBracketsIsNoDocument(t *testing.T) {
	for text, want := range map[string]bool{
		"[\"a\":\nnext": false, "[\"INFO\": started\n": false, "[\n{\"a\":1},\n": true, "[\"a\",\n": true, "{\n\"a\":1}": true, "[{\"a\":1},\n": true,
	} {
		assert.Equal(t, want, isDocument([]byte(text)), "%q", text)
	}
}
