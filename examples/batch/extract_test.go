package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestExtractJSON(t *testing.T) {
	for text, want := range map[string]struct{ method, value string }{
		`{"a":1}`:           {foundWhole, `{"a":1}`},
		" [1,2]\n":          {foundWhole, `[1,2]`},
		`"text"`:            {foundWhole, `"text"`},
		"```json\n[1]\n```": {foundFenced, `[1]`},
		"Here:\n```\n{\"a\":1}\n```\nThat is [all].": {foundFenced, `{"a":1}`},
		"```go\nf()\n```\n```json\r\n[2]\r\n```":     {foundFenced, `[2]`},
		`The answer is {"a":[1]}, see [1].`:          {foundEmbedded, `{"a":[1]}`},
		`As he [sic] said: ["x","]"] and {no} more`:  {foundEmbedded, `["x","]"]`},
		`{"a":1,}`:                          {foundRepaired, `{"a":1}`},
		`[1, 2, ]`:                          {foundRepaired, `[1, 2]`},
		`{"a":1,"b":"cut o`:                 {foundRepaired, `{"a":1}`},
		`[{"a":[1,2],"b":{"c":"d\"`:         {foundRepaired, `[{"a":[1,2],"b":{}}]`},
		"```json\n[\"one\", \"two\", \"thr": {foundRepaired, `["one", "two"]`},
		`Sure: ["one", ["two"], "thr`:       {foundRepaired, `["one", ["two"]]`},
		"no JSON at all":                    {foundNone, ``},
		"":                                  {foundNone, ``},
		`["cut`:                             {foundNone, ``},
		"see [1":                            {foundNone, ``},
		"{this is} [no JSON, either]":       {foundNone, ``},
	} {
		value, how := extractJSON(text)
		assert.Equal(t, want.method, how.Method, "%s", text)
		assert.Equal(t, want.value, string(value), "%s", text)
		assert.Equal(t, how.Method == foundNone, how.Confidence == 0)
	}
}

// Texts that would take for ever if each bracket were followed to the end.
func TestExtractJSONOfBrackets(t *testing.T) {
	for _, text := range []string{strings.Repeat("[", 1<<20), strings.Repeat("{\"a\":", 1<<18), strings.Repeat("[}", 1<<19), strings.Repeat("```\n[\n", 1<<17)} {
		_, how := extractJSON(text)
		assert.Equal(t, foundNone, how.Method)
	}
}

func FuzzExtractJSON(f *testing.F) {
	f.Add("```json\n{\"a\": [1, 2,], \"b\": \"\\")
	f.Add(`text {"a":1} [2`)
	f.Fuzz(func(t *testing.T, text string) {
		value, how := extractJSON(text)
		if (value == nil) != (how.Method == foundNone) || value != nil && !json.Valid(value) {
			t.Fatalf("%q: %s %q", text, how.Method, value)
		}
	})
}
