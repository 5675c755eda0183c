package events

import (
	"bytes"
	"encoding/json"
)

// A document is JSON whose values go over several lines, as jq prints them, or an array of them. A
// reader takes such a file apart by its values: each one at the top, and each element of an array at the
// top, is read like a line. Its text, which may stand between, is still read by lines.

// isDocument reports whether some line of text begins a JSON value that it does not end.
func isDocument(text []byte) bool {
	for line := range bytes.Lines(text) {
		whole := line[len(line)-1] == '\n'
		line = bytes.TrimSpace(line)
		if len(line) == 0 || !whole && line[0] != '[' {
			continue
		}
		switch last := line[len(line)-1]; {
		case line[0] == '[':
			if !beginsArray(line) {
				continue
			}
		case line[0] != '{' || last != '{' && last != '[' && last != ',':
			continue
		}
		if ValueEnd(line, 0) == unfinished {
			return true
		}
	}
	return false
}

// beginsArray reports whether a [ begins an array, and not a word in brackets.
func beginsArray(b []byte) bool {
	b = bytes.TrimLeft(b[1:], " \t\r\n")
	return len(b) == 0 || b[0] == '{' || b[0] == '"' || b[0] == '[' && beginsArray(b)
}

// What [ValueEnd] returns where there is no end.
const (
	unfinished = -1
	broken     = -2
)

// ValueEnd returns where the JSON object, array or string that begins at b[i] ends, by its
// brackets and quotes alone.
func ValueEnd(b []byte, i int) int {
	var open []byte
	var last byte // that is no white space
	for ; i < len(b); i++ {
		c := b[i]
		switch c {
		case ' ', '\t', '\r', '\n':
			continue
		case '"':
			for i++; i < len(b) && b[i] != '"'; i++ {
				switch b[i] {
				case '\\':
					i++
				case '\n':
					return broken
				}
			}
			if i >= len(b) {
				return unfinished
			}
		case '{', '[':
			if n := len(open); n > 0 && open[n-1] == '{' && last != ':' {
				return broken // a key is expected: what came before was torn
			}
			open = append(open, c)
		case ':':
			if n := len(open); n == 0 || open[n-1] != '{' {
				return broken // no member: text in brackets
			}
		case '}', ']':
			if n := len(open); n == 0 || open[n-1]+2 != c {
				return broken
			} else {
				open = open[:n-1]
			}
		}
		last = c
		if len(open) == 0 {
			return i + 1
		}
	}
	return unfinished
}

// nextRecord returns where the first record of a document begins and ends. The end is unfinished
// where more of the input is needed to know. There is no record where start is at the end of data.
func nextRecord(data []byte) (start, end int) {
	for ; start < len(data); start++ {
		switch c := data[start]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' || c == ']':
			continue
		case c == '[' && beginsArray(data[start:]):
			continue
		case c == '{' || c == '"':
			if end = ValueEnd(data, start); end != broken {
				return start, end
			}
		}
		if n := bytes.IndexByte(data[start:], '\n'); n >= 0 {
			return start, start + n
		}
		return start, unfinished
	}
	return start, start
}

// records hands on the records of a chunk of a document.
func (w *worker) records(at Position, data []byte) {
	for {
		start, end := nextRecord(data)
		if start == len(data) {
			return
		}
		if end == unfinished {
			end = len(data)
		}
		at.Line += int64(bytes.Count(data[:start], []byte{'\n'}))
		record := data[start:end]
		if bytes.IndexByte(record, '\n') >= 0 {
			var one bytes.Buffer
			if json.Compact(&one, record) == nil {
				record = one.Bytes()
			}
		}
		w.line(at, record)
		at.Line += int64(bytes.Count(data[start:end], []byte{'\n'}))
		data = data[end:]
	}
}

// wholeRecords returns the length of the longest start of data that ends with a record.
func wholeRecords(data []byte) int {
	n := 0
	for n < len(data) {
		start, end := nextRecord(data[n:])
		if end == unfinished || start == end {
			break
		}
		n += end
	}
	return n
}
