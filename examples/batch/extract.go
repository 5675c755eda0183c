package main

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// The ways in which JSON is found in an answer.
const (
	foundWhole    = "whole"    // the answer is JSON and nothing else
	foundFenced   = "fenced"   // it stands between ``` and ```
	foundEmbedded = "embedded" // it stands somewhere in the text
	foundRepaired = "repaired" // it was broken; what was whole of it is kept
	foundNone     = "none"
)

// extraction says how JSON was found, and how far it is to be trusted: 1 whole, 0.95
// fenced, 0.8 embedded, as the text around may say otherwise, 0.5 repaired, as
// something may be missing, and 0 none.
type extraction struct {
	Method     string  `json:"method"`
	Confidence float64 `json:"confidence"`
}

// maxStarts bounds how many brackets are tried: a text of brackets only would take for
// ever.
const maxStarts = 100

var fence = regexp.MustCompile("(?s)```[A-Za-z0-9]*[ \t]*\r?\n(.*?)(```|$)")

// extractJSON finds the JSON of an answer, in the order of confidence.
func extractJSON(text string) (json.RawMessage, extraction) {
	text = strings.TrimSpace(text)
	if json.Valid([]byte(text)) {
		return json.RawMessage(text), extraction{foundWhole, 1}
	}
	var broken []string // what may be repaired
	for _, m := range fence.FindAllStringSubmatch(text, maxStarts) {
		body := strings.TrimSpace(m[1])
		if json.Valid([]byte(body)) {
			return json.RawMessage(body), extraction{foundFenced, 0.95}
		}
		broken = append(broken, body)
	}
	if value := embedded(text); value != nil {
		return value, extraction{foundEmbedded, 0.8}
	}
	if i := strings.IndexAny(text, "{["); i >= 0 {
		broken = append(broken, text[i:])
	}
	for _, body := range broken {
		if value := repair(body); value != nil {
			return value, extraction{foundRepaired, 0.5}
		}
	}
	return nil, extraction{foundNone, 0}
}

// embedded returns the longest object or array in a text, or nil. One that stands in
// another that is cut off does not count.
func embedded(text string) (longest json.RawMessage) {
	for range maxStarts {
		i := strings.IndexAny(text, "{[")
		if i < 0 {
			break
		}
		text = text[i:]
		var value json.RawMessage
		if err := json.NewDecoder(strings.NewReader(text)).Decode(&value); err == nil {
			if len(value) > len(longest) {
				longest = value
			}
			text = text[len(value):]
		} else if repair(text) != nil { // unlike prose in brackets, as "[sic] …"
			break
		} else {
			text = text[1:]
		}
	}
	return longest
}

// repair makes JSON of a text that begins with an object or array, and is cut off or
// has commas too many. It drops what is not whole and makes up nothing: of
// {"a":1,"b":"x it keeps {"a":1}. It returns nil when that is not enough.
func repair(text string) json.RawMessage {
	if text == "" || text[0] != '{' && text[0] != '[' {
		return nil
	}
	var out, open []byte // what is kept, and the brackets that are to close it
	safe, quoted, escaped := 0, false, false
	for i := 0; i < len(text) && (i == 0 || len(open) > 0); i++ {
		c := text[i]
		switch {
		case quoted:
			quoted = escaped || c != '"'
			escaped = !escaped && c == '\\'
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			open = append(open, c+2) // in ASCII the other bracket
			safe = len(out) + 1
		case c == '}' || c == ']':
			out = bytes.TrimRight(out, ", \t\r\n")
			open = open[:len(open)-1]
			safe = len(out) + 1
		case c == ',':
			safe = len(out)
		}
		out = append(out, c)
	}
	slices.Reverse(open)
	value := append(out[:safe], open...)
	if len(value) <= 2 || !json.Valid(value) { // of no use: nothing is left
		return nil
	}
	return value
}
