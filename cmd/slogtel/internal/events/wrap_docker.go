package events

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// docker reads a line of the json-file driver and reports whether it is one.
func (w *worker) docker(at Position, line []byte) bool {
	log, stream, ok := cutDocker(w.log[:0], line)
	if !ok {
		if log, stream, ok = decodeDocker(line); !ok {
			return false
		}
	} else if w.log = log; cap(log) > 4*chunkSize {
		w.log = nil
	}
	w.part(at, stream, log, bytes.HasSuffix(log, []byte{'\n'}))
	return true
}

// cutDocker takes apart a line as Docker writes it, and appends what was logged to dst.
func cutDocker(dst, line []byte) (log []byte, stream int, ok bool) {
	var s jsonString
	i := scanString(line, len(dockerPrefix)-1, &s)
	if i < 0 || s.wide && !utf8.Valid(line[s.start:s.end]) {
		return nil, 0, false
	}
	switch rest := line[i:]; {
	case bytes.HasPrefix(rest, []byte(`,"stream":"stdout","time":"`)):
	case bytes.HasPrefix(rest, []byte(`,"stream":"stderr","time":"`)):
		stream = 1
	default:
		return nil, 0, false
	}
	var stamp jsonString
	if i = scanString(line, i+len(`,"stream":"stdout","time":`), &stamp); i < 0 || i >= len(line) || line[i] != '}' || !blank(line[i+1:]) {
		return nil, 0, false
	}
	return appendUnescaped(dst, line[s.start:s.end]), stream, true
}

// decodeDocker does the same with encoding/json.
func decodeDocker(line []byte) (log []byte, stream int, ok bool) {
	var m struct {
		Log    *string          `json:"log"`
		Stream string           `json:"stream"`
		Time   *string          `json:"time"`
		Msg    *json.RawMessage `json:"msg"`
	}
	if json.Unmarshal(line, &m) != nil || m.Log == nil || m.Time == nil || m.Msg != nil {
		return nil, 0, false
	}
	if m.Stream == "stderr" {
		stream = 1
	}
	return []byte(*m.Log), stream, true
}

// dockerPart reports whether a line of the json-file driver is a part that goes on.
func dockerPart(line []byte) bool {
	end := stringEnd(line, len(dockerPrefix)-1)
	return end > 0 && !bytes.HasSuffix(line[:end], []byte(`\n"`))
}

// stringEnd returns where the JSON string at b[i:] ends, its quotes included, or -1.
func stringEnd(b []byte, i int) int {
	for i++; ; {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return -1
		}
		escapes := 0
		for i+n-1-escapes >= i && b[i+n-1-escapes] == '\\' {
			escapes++
		}
		i += n + 1
		if escapes%2 == 0 {
			return i
		}
	}
}
