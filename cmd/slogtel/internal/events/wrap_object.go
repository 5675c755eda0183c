package events

import (
	"bytes"
	"encoding/json"
	"log/slog"
)

// unwrap reads the lines inside of a JSON object that is no event itself, and reports
// whether there are any.
func (w *worker) unwrap(at Position, line []byte) bool {
	if !mayWrap(line) {
		return false
	}
	all := members(line)
	if find(all, slog.MessageKey) != nil {
		return false
	}
	for _, key := range []string{"line", "log", "MESSAGE", "message"} {
		if s, ok := findString(all, key); ok {
			if inner := bytes.TrimSpace([]byte(s)); len(inner) > 0 && inner[0] == '{' {
				w.inner(at, inner)
				return true
			}
		}
	}
	return w.lokiAnswer(at, line, all)
}

// mayWrap is quick to say no.
func mayWrap(line []byte) bool {
	return bytes.Contains(line, []byte(`"{`)) || bytes.Contains(line, []byte(`"streams"`))
}

// lokiAnswer reads the answer of Loki's query_range.
func (w *worker) lokiAnswer(at Position, line []byte, all []member) bool {
	status, _ := findString(all, "status")
	if find(all, "data") == nil || status != "success" {
		return false
	}
	var answer struct {
		Data struct {
			ResultType string
			Result     []struct {
				Values [][]json.RawMessage
			}
		}
	}
	if json.Unmarshal(line, &answer) != nil || answer.Data.ResultType != "streams" {
		return false
	}
	for _, stream := range answer.Data.Result {
		for _, value := range stream.Values {
			if len(value) >= 2 {
				m := member{raw: value[1]}
				w.inner(at, []byte(m.text()))
			}
		}
	}
	return true
}
