package preview

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestParse(t *testing.T) {
	for _, s := range []string{
		`{}`, `[]`, ` [ ] `, `{"a":{"b":[1,-2.5e+3,true,false,null,"x\"y\\"]},"c":""}`, `"s"`, `1`, "\ufeff{}", `[[],{}]`,
		`{"a":"\u00e9\ud83d\ude00"}`, "[\n1\t,\r2 ]",
	} {
		_, ok := parse(s)
		assert.True(t, ok, s)
	}
	for _, s := range []string{
		``, ` `, `{`, `[`, `"`, `"\"`, `{]`, `[}`, `[1`, `[1,`, `[1,]`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{a:1}`, `{"a":1}}`, `tru`, `nul`, `x`, `{"a" 1}`,
		`[1 2]`, `{"a":1 "b":2}`, `[] []`, `,`, `:`, "\x00", "[\x00]",
	} {
		_, ok := parse(s)
		assert.False(t, ok, s)
	}
}

func TestParseNesting(t *testing.T) {
	nest := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	_, ok := parse(nest(maxNesting))
	assert.True(t, ok)
	_, ok = parse(nest(maxNesting + 1))
	assert.False(t, ok)
	_, ok = parse(strings.Repeat(`{"a":[`, maxNesting/2) + strings.Repeat(`]}`, maxNesting/2))
	assert.True(t, ok)
}

// What lies beyond the steps is not seen, what lies before is.
func TestParseSpent(t *testing.T) {
	s := `{"model":"m","list":[` + strings.Repeat("1,", maxSteps) + `1],"text":"late"}`
	assert.Equal(t, Preview{Model: "m", Text: "late"}, Of(s, 0))
	s = `{"model":"m","list":[` + strings.Repeat("1,", 5*maxSteps) + `1],"text":"late"}`
	assert.Equal(t, Preview{Model: "m"}, Of(s, 0))
	s = `{"text":"` + strings.Repeat(`\"`, 5*maxSteps) + `"}`
	p := Of(s, 0)
	assert.Contains(t, p.Text, strings.Repeat(`"`, DefaultLimit)+"…[+")
}

func TestLongNames(t *testing.T) {
	long := strings.Repeat("n", maxName)
	assert.Equal(t, "{\"<long name>\":1,\"a\":2}", Of(`{"\n`+long+`":1,"a":2}`, 0).Repr, "one that would have to be decoded")
	assert.True(t, strings.HasPrefix(Of(`{"`+long+`":1}`, 0).Repr, "{\"nnnn"))
}

func TestDecode(t *testing.T) {
	for _, s := range []string{"", "plain", `q"q`, `\`, "\n\t\r\b\f", "é", "😀", "\u2028", "a\\u0041", "</script>"} {
		b, _ := json.Marshal(s)
		assert.Equal(t, clip{s: s}, decode(string(b)+"tail", 100), "%s", b)
	}
	assert.Equal(t, "\ufffd\ufffdx", decode(`"\ud83d\ud83dx"`, 100).s, "lone surrogates")
	assert.Equal(t, "\ufffd12", decode(`"\u12"`, 100).s)
	assert.Equal(t, "\ufffd", decode(`"\`, 100).s)
	assert.Equal(t, clip{s: "a\nbc", more: 3}, decode(`"a\nbcdef"`, 4))
	assert.Equal(t, clip{s: "abcdef"}, decode(`"abcdef"`, 4), "without an escape nothing is copied, so all of it")
}

// FuzzParse compares with encoding/json: what is JSON for it is for us, and decodes to the same texts.
// The other way round we are lenient (control bytes in strings, escapes, the form of numbers).
func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"a":[1,"x",{"b":null}],"c":"\u00e9\n"}`, `[]`, `"\ud83d\ude00"`, `-1e5`, `{"":{"":""}}`, `[[[`, `"\`,
		`{"\"":"\\"}`, `[[{"a":[{}]}],[]]`, `["\""`, ` [ 1 , 2 ] `, `[1,]`, `{} {}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, ok := parse(s)
		valid := json.Valid([]byte(s))
		if valid && !ok && !tooDeep(s) {
			t.Fatalf("%q is JSON", s)
		}
		if ok {
			compare(t, v, decodeAny(s), valid)
		}
	})
}

func tooDeep(s string) bool { return strings.Count(s, "[")+strings.Count(s, "{") > maxNesting }

func decodeAny(s string) any {
	var x any
	_ = json.Unmarshal([]byte(s), &x)
	return x
}

// compare walks a view. Where the text is valid JSON it must hold what encoding/json found.
func compare(t *testing.T, v view, want any, valid bool) {
	switch v.kind {
	case object:
		got := map[string]bool{}
		m, _ := want.(map[string]any)
		last := map[string]view{}
		v.members(func(name string, e view) bool {
			got[strings.ToValidUTF8(name, "\ufffd")] = true
			last[name] = e
			return true
		})
		if valid && len(m) > 0 && len(got) == 0 {
			t.Fatalf("no members in %q", v.js)
		}
		for name, e := range last {
			compare(t, e, m[name], valid && m[name] != nil && len(name) == len(strings.ToValidUTF8(name, "")))
		}
	case array:
		list, _ := want.([]any)
		n := 0
		v.elems(func(e view) bool {
			var w any
			if n < len(list) {
				w = list[n]
			}
			n++
			compare(t, e, w, valid && w != nil)
			return true
		})
		if valid && n != min(len(list), maxElems) {
			t.Fatalf("%d elements of %d in %q", n, len(list), v.js)
		}
	case text:
		got := v.clip(1 << 20).s
		if w, ok := want.(string); ok && valid && clean(got) != clean(w) {
			t.Fatalf("%q is %q, not %q", v.js, w, got)
		}
	}
}

// clean drops the bytes that are no UTF-8, which encoding/json replaces and a view keeps.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\ufffd", "")
}
