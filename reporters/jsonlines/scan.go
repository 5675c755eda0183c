package jsonlines

import (
	"bytes"
	"log/slog"

	"github.com/slogtel/telemetry/slogtel"
)

// scanner finds the places in a line of JSON at which it may be cut: the members of
// the object that it is, the members of objects among them, and the strings.
type scanner struct {
	line    []byte
	members []memberSpan
	strings []stringSpan
	least   int // shorter strings are not looked for
}

type memberSpan struct {
	from, start, end int // of the key's quote, of the value, and after it
	parent           int // the member around this one, -1 at the root
	leaf             bool
	rank             cutRank
}

// A stringSpan is the inside of a string value, escapes and all.
type stringSpan struct{ start, end, member int }

func (m *memberSpan) size() int { return m.end - m.start }

// maxScanDepth is more than encoding/json lets through.
const maxScanDepth = 20000

// scan reads line, an object without spaces between its tokens, and reports whether it
// is one. What it accepts need not be JSON in all its details.
func (s *scanner) scan(line []byte, least int) bool {
	s.line, s.least = line, least
	s.members, s.strings = s.members[:0], s.strings[:0]
	return len(line) > 1 && line[0] == '{' && s.inside(0, 0, -1) == len(line)
}

// value returns where the value at i ends, or -1. Depth counts the objects and arrays
// around it.
func (s *scanner) value(i, depth, member int) int {
	if i >= len(s.line) || depth > maxScanDepth {
		return -1
	}
	switch s.line[i] {
	case '{', '[':
		return s.inside(i, depth, member)
	case '"':
		end := stringEnd(s.line, i)
		if end-i-2 > s.least && member >= 0 {
			s.strings = append(s.strings, stringSpan{i + 1, end - 1, member})
		}
		return end
	}
	end := i
	for end < len(s.line) && s.line[end] != ',' && s.line[end] != '}' && s.line[end] != ']' {
		end++
	}
	if end == i {
		return -1
	}
	return end
}

// inside reads the object or array that begins at i.
func (s *scanner) inside(i, depth, member int) int {
	object := s.line[i] == '{'
	i++
	if i < len(s.line) && (s.line[i] == '}' || s.line[i] == ']') {
		return i + 1
	}
	for i < len(s.line) {
		around, known := member, object && depth < 2
		if object {
			from := i
			if s.line[i] != '"' {
				return -1
			}
			if i = stringEnd(s.line, i); i < 0 || i >= len(s.line) || s.line[i] != ':' {
				return -1
			}
			i++
			if known {
				around = len(s.members)
				s.members = append(s.members, memberSpan{from: from, start: i, parent: member, leaf: true})
				if member >= 0 {
					s.members[member].leaf = false
				}
			}
		}
		if i = s.value(i, depth+1, around); i < 0 || i >= len(s.line) {
			return -1
		}
		if known {
			s.members[around].end = i
		}
		switch s.line[i] {
		case '}', ']':
			return i + 1
		case ',':
			i++
		default:
			return -1
		}
	}
	return -1
}

// stringEnd returns where the string that starts at i ends, its quotes included, or -1.
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

func (s *scanner) key(m *memberSpan) string {
	return string(s.line[m.from+1 : m.start-2])
}

// A cutRank says how readily a member is cut: the highest first.
type cutRank uint8

const (
	rankOwn     cutRank = iota // members that are never left out
	rankContent                // ours, with text of other origin
	rankUser                   // the caller's
)

// A cutLayout ranks the members of a schema.
type cutLayout struct {
	root   func(key string, telemetry bool) cutRank
	nested func(rootKey, key string, root cutRank) cutRank

	original func(key string) string // before ReplaceAttr; nil: as it is
}

// key returns the key of a member, at the root as it was before ReplaceAttr.
func (l cutLayout) key(s *scanner, m *memberSpan) string {
	key := s.key(m)
	if l.original != nil && m.parent < 0 {
		key = l.original(key)
	}
	return key
}

// rank ranks all members.
func (s *scanner) rank(l cutLayout) {
	telemetry := false
	for i := range s.members {
		m := &s.members[i]
		if m.parent >= 0 {
			continue
		}
		switch l.key(s, m) {
		case "msg", "message":
			switch string(bytes.Trim(s.line[m.start:m.end], `"`)) {
			case slogtel.MessageTiming, slogtel.MessageMetric, slogtel.MessageSummary:
				telemetry = true
			}
		}
	}
	for i := range s.members {
		m := &s.members[i]
		if m.parent < 0 {
			m.rank = l.root(l.key(s, m), telemetry)
			continue
		}
		root := &s.members[m.parent]
		m.rank = l.nested(l.key(s, root), s.key(m), root.rank)
	}
}

// rootLayout is that of a schema with attributes at the root, and of ours besides the event's. In a
// line that is no telemetry, the keys of package slogtel are anyone's.
func rootLayout(own map[string]bool) cutLayout {
	return cutLayout{
		root: func(key string, telemetry bool) cutRank {
			switch {
			case key == "msg" || key == "message" || key == slogtel.KeyError,
				telemetry && (key == slogtel.KeyValue || key == slogtel.KeyRawPreview):
				return rankContent
			case own[key] || telemetry && isEventKey(key):
				return rankOwn
			}
			return rankUser
		},
		nested: func(_, _ string, root cutRank) cutRank { return root },
	}
}

var flatLayout = rootLayout(map[string]bool{
	slog.TimeKey: true, slog.LevelKey: true, slog.SourceKey: true, keyService: true, keyEnvironment: true, keyVersion: true,
})

var ecsLayout = cutLayout{
	root: func(key string, _ bool) cutRank {
		switch key {
		case "message", "error.message":
			return rankContent
		case ecsLabels:
			return rankUser
		}
		return rankOwn
	},
	nested: func(root, key string, rank cutRank) cutRank {
		if root == ecsNamespace && (key == ecsValueText || key == slogtel.KeyRawPreview) {
			return rankContent
		}
		return rank
	},
}
