package llmtel

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fed is what a feed makes of a body that comes in pieces.
func fed(kind, body string, piece int, small bool) (values []string, f *feed) {
	f = newFeed(kind, func(v []byte, whole bool) {
		if !whole {
			values = append(values, "cut: "+string(v))
			return
		}
		values = append(values, string(v))
	})
	if small {
		f.json.maxString = 8
	}
	for body != "" {
		n := min(len(body), piece)
		_, _ = f.Write([]byte(body[:n]))
		body = body[n:]
	}
	f.end()
	return values, f
}

func TestCondensed(t *testing.T) {
	for _, tc := range []struct{ body, want string }{
		{` {"a": [1, 2, 3], "b": "text"} `, `{"a": [1, 2, 3], "b": "text"}`},
		{`{"a":[1,2,3,4,5,6,7,8,9,10],"b":1}`, `{"a":[1,2,3,4,5,6,7,8],"b":1}`},
		{`{"a":[0.1,0.2,-3e-5,4.0,5,6,7,8,9,[{"x":"]"}]],"b":1}`, `{"a":[0.1,0.2,-3e-5,4.0,5,6,7,8],"b":1}`},
		{`{"a":"` + strings.Repeat("x", 20) + `","b":"y"}`, `{"a":"xxxxxxxx","b":"y"}`},
		{`{"a":"` + strings.Repeat(`\n`, 20) + `"}`, `{"a":"\n\n\n\n"}`},
		{`{"a":"xxxxxxx\u00e9\"\\","b":"\\"}`, `{"a":"xxxxxxx\u00e9","b":"\\"}`},
		{`{"a":"\\\\\\\\\\","b":"\""}`, `{"a":"\\\\\\\\","b":"\""}`},
		{"\ufeff{\"a\":[" + strings.Repeat(`{"b":1},`, maxElems+5) + `{}],"c":2}`, `{"a":[` + strings.TrimSuffix(strings.Repeat(`{"b":1},`, maxElems), ",") + `],"c":2}`},
	} {
		for _, piece := range []int{1, 3, 1 << 20} {
			values, f := fed("application/json", tc.body, piece, true)
			assert.Equal(t, []string{tc.want}, values)
			assert.True(t, json.Valid([]byte(tc.want)))
			assert.False(t, f.incomplete(false) || f.notJSON())
		}
	}
	values, f := fed("application/json", `[{"a":1},`+"\n"+`{"b":"]"}`, 2, false)
	assert.Equal(t, []string{`{"a":1}`, `{"b":"]"}`}, values)
	assert.True(t, f.incomplete(true), "the outer array is still open")
	values, _ = fed("application/json", "{}\n{}{}\x1e{}", 2, false)
	assert.Len(t, values, 4)
}

// A value that is large is kept in a short form; one that is large even so is cut, and said to be.
func TestLargeValues(t *testing.T) {
	many := `{"a":[` + strings.Repeat(`"`+strings.Repeat("x", 60<<10)+`",`, 200) + `0],"usage":{"prompt_tokens":9}}`
	values, f := fed("", many, 4096, false)
	require.Len(t, values, 1)
	assert.Less(t, len(values[0]), hugeValue)
	assert.True(t, json.Valid([]byte(values[0])))
	assert.Contains(t, values[0], "prompt_tokens")
	assert.True(t, f.json.cut)

	values, _ = fed("", `{"a":{`+strings.Repeat(`"key":{"inner":1},`, hugeValue/10)+`"b":1}}`, 4096, false)
	require.Len(t, values, 1)
	assert.True(t, strings.HasPrefix(values[0], "cut: "))
	assert.Less(t, len(values[0]), hugeValue+10)

	_, f = fed("", strings.Repeat(`{"a":`, maxNesting+1), 4096, false)
	assert.True(t, f.notJSON())
}

// However a body is cut into pieces, the same values are found in it; of JSON they are JSON.
func FuzzFeed(f *testing.F) {
	for _, body := range documented(f) {
		f.Add(body, uint8(0), uint8(3))
		f.Add(body, uint8(1), uint8(1))
	}
	f.Add(frame(`{"a":1}`, ":event-type", "chunk")+frame(`{}`, ":exception-type", "x"), uint8(2), uint8(1))
	f.Add("data:{\"a\":\ndata: [\"\\u12\"]}\r\n\r\ndata: [DONE]", uint8(1), uint8(2))
	f.Fuzz(func(t *testing.T, body string, kind, piece uint8) {
		contentType := []string{"application/json", sse, "application/vnd.amazon.eventstream", ndjson}[kind%4]
		values, whole := fed(contentType, body, max(1, len(body)), true)
		again, pieces := fed(contentType, body, 1+int(piece), true)
		assert.Equal(t, values, again)
		for _, ended := range []bool{false, true} {
			assert.Equal(t, whole.incomplete(ended), pieces.incomplete(ended))
		}
		assert.Equal(t, whole.notJSON(), pieces.notJSON())
		assert.Equal(t, whole.fault, pieces.fault)
		if kind%4 == 0 && json.Valid([]byte(body)) {
			for _, v := range values {
				assert.True(t, json.Valid([]byte(v)), "%q of %q", v, body)
			}
			if trimmed := strings.TrimSpace(body); trimmed != "" && trimmed[0] == '{' {
				assert.Len(t, values, 1)
				assert.False(t, whole.incomplete(false) || whole.notJSON())
			}
		}
	})
}
