package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strconv"
)

// A line of telemetry may be anywhere in a line of an input: after a prefix (of kubectl, compose, a
// syslog daemon), between colours, or inside a JSON value as a string, an object, the elements of an
// array, or an array of bytes. The rules below know no shipper by name.

const (
	// maxNested is how many values and strings inside each other are looked into.
	maxNested = 24
	// maxStarts is how many places of a line are tried where a JSON value may begin.
	maxStarts = 64
)

// marks are in each line that has an event inside: the start of a message, or of a JSON object as an array of bytes.
var marks = [][]byte{[]byte("telemetry."), []byte("123,34,"), []byte("123, 34,")}

func marked(b []byte) bool {
	for _, m := range marks {
		if bytes.Contains(b, m) {
			return true
		}
	}
	return false
}

// search reads the events inside of text, which is none itself, and reports whether there are any.
func (w *worker) search(at Position, text []byte, depth int) (found bool) {
	if depth == 0 || !marked(text) {
		return false
	}
	if bytes.IndexByte(text, '\x1b') >= 0 {
		text = withoutColors(text)
	}
	tries, whole := 0, false
	for i := 0; i < len(text) && tries < maxStarts; i++ {
		n := bytes.IndexAny(text[i:], "{[")
		if n < 0 {
			break
		}
		if i += n; !beginsValue(text[i:]) {
			continue
		}
		tries++
		end := ValueEnd(text, i)
		if end < 0 {
			continue
		}
		if w.value(at, text[i:end], depth-1) {
			found = true
		} else if text[i] != '{' || !json.Valid(text[i:end]) {
			continue
		}
		whole = true
		i = end - 1
	}
	return found || !whole && w.quoted(at, text, depth-1)
}

// beginsValue reports whether an object with a key, or an array with something in it, may begin here.
func beginsValue(b []byte) bool {
	next := bytes.TrimLeft(b[1:], " \t\r\n")
	return len(next) > 0 && (next[0] == '"' || b[0] == '[' && (next[0] == '{' || next[0] == '[' || next[0]-'0' <= 9))
}

// quoted reads an object in text that is in quotes, as a JSON string or a field of a CSV file has it.
func (w *worker) quoted(at Position, text []byte, depth int) bool {
	if i := bytes.Index(text, []byte(`{\"`)); i > 0 {
		if quote := bytes.LastIndexByte(text[:i], '"'); quote >= 0 {
			if end := ValueEnd(text, quote); end > 0 {
				m := Member{Value: text[quote:end]}
				if w.search(at, []byte(m.Text()), depth) {
					return true
				}
			}
		}
	}
	if i := bytes.Index(text, []byte(`{""`)); i > 0 {
		return w.search(at, bytes.ReplaceAll(text[i:], []byte(`""`), []byte(`"`)), depth)
	}
	return false
}

// value reads a JSON value that is an event or has some inside, and reports whether there are any.
func (w *worker) value(at Position, raw []byte, depth int) (found bool) {
	if depth == 0 || len(raw) == 0 {
		return false
	}
	switch raw[0] {
	case '"':
		if !marked(raw) {
			return false
		}
		m := Member{Value: raw}
		text := []byte(m.Text())
		if found = w.search(at, text, depth-1); !found && torn(text) {
			w.counts.Read++
			w.bad(at, text, errTorn)
			found = true
		}
		return found
	case '[':
		return w.array(at, raw, depth)
	case '{':
		if v, err := w.decode.decode(raw); v == IsEvent {
			w.counts.Read++
			if err != nil {
				w.bad(at, raw, err)
			} else {
				w.event(at, raw)
			}
			return true
		}
		if !marked(raw) || !json.Valid(raw) {
			return false
		}
		all := members(raw)
		if m := find(all, slog.MessageKey); m != nil { // of an app's own log, which may quote one elsewhere
			return w.value(at, m.Value, depth-1)
		}
		for _, m := range all {
			found = w.value(at, m.Value, depth-1) || found
		}
	}
	return found
}

var errTorn = errors.New("a line that has no end, inside of another")

// torn reports whether text is an event that was cut off.
func torn(text []byte) bool {
	text = bytes.TrimSpace(text)
	return len(text) > 0 && text[0] == '{' && hasOwnKey(text) && !json.Valid(text)
}

func (w *worker) array(at Position, raw []byte, depth int) (found bool) {
	if !marked(raw) {
		return false
	}
	all := elements(raw)
	if text := bytesOf(all); text != nil {
		return w.search(at, text, depth-1)
	}
	for _, v := range all {
		found = w.value(at, v, depth-1) || found
	}
	return found
}

// bytesOf returns the bytes that an array is of, and nil if it is of anything else.
func bytesOf(all []json.RawMessage) []byte {
	text := make([]byte, 0, len(all))
	for _, v := range all {
		n, err := strconv.ParseUint(string(v), 10, 8)
		if err != nil {
			return nil
		}
		text = append(text, byte(n))
	}
	return text
}

// withoutColors returns text without the control sequences of terminals (ECMA-48, 5.4).
func withoutColors(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != '\x1b' {
			out = append(out, text[i])
			continue
		}
		if i++; i < len(text) && text[i] == '[' {
			for i++; i < len(text) && (text[i] < '@' || text[i] > '~'); i++ {
			}
		}
	}
	return out
}
