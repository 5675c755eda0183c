package check

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

// A value is a JSON value as it stands in a line. It is valid: the line has been read.
type value []byte

// text returns the string that v is, which may share its memory.
func (v value) text() ([]byte, bool) {
	if len(v) < 2 || v[0] != '"' {
		return nil, false
	}
	if bytes.IndexByte(v, '\\') < 0 {
		return v[1 : len(v)-1], true
	}
	var s string
	err := json.Unmarshal(v, &s)
	return []byte(s), err == nil
}

func (v value) isNumber() bool { return len(v) > 0 && (v[0] == '-' || v[0]-'0' <= 9) }

func (v value) number() (float64, bool) {
	if !v.isNumber() {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(v), 64)
	return f, err == nil
}

// finite reports whether v is a number that a float64 has. Only one with an exponent, or with hundreds of
// digits, may be too large.
func (v value) finite() bool {
	if v.isNumber() && len(v) < 300 && bytes.IndexByte(v, 'e') < 0 && bytes.IndexByte(v, 'E') < 0 {
		return true
	}
	_, ok := v.number()
	return ok
}

// whole is a number that is written without a point and an exponent, and has an int64:
// an index would take any other for a float.
func (v value) whole() (int64, bool) {
	n, err := strconv.ParseInt(string(v), 10, 64)
	return n, err == nil
}

func (v value) isObject() bool { return len(v) > 0 && v[0] == '{' }

// maxFound is the most characters of a value that are shown.
const maxFound = 40

// String is what is shown of it.
func (v value) String() string { return text.Cut(text.Clean(string(v)), maxFound) }

// An object has its members in their order.
type object []events.Member

// object returns the members of v, in dst if there is room.
func (v value) object(dst object) (object, bool) {
	if !v.isObject() {
		return nil, false
	}
	all, ok := events.Members(v, dst[:0])
	return all, ok
}

// get returns the last member with a key, which wins.
func (o object) get(key string) (value, bool) {
	for i := len(o) - 1; i >= 0; i-- {
		if o[i].Key == key {
			return o[i].Value, true
		}
	}
	return nil, false
}

func (o object) has(key string) bool { _, ok := o.get(key); return ok }

func (o object) text(key string) []byte {
	v, _ := o.get(key)
	s, _ := v.text()
	return s
}

func (o object) number(key string) (float64, bool) {
	v, _ := o.get(key)
	return v.number()
}

// A kind is what a value is expected to be.
type kind struct {
	want string
	is   func(value) bool
}

func isText(ok func([]byte) bool) func(value) bool {
	return func(v value) bool {
		s, is := v.text()
		return is && ok(s)
	}
}

func oneOf(words ...string) kind {
	return kind{"one of " + strings.Join(words, ", "), isText(func(s []byte) bool {
		for _, w := range words {
			if string(s) == w {
				return true
			}
		}
		return false
	})}
}

func exactly(word string) kind {
	return kind{strconv.Quote(word), isText(func(s []byte) bool { return string(s) == word })}
}

func hexDigits(n int) kind {
	return kind{fmt.Sprintf("%d hexadecimal digits, lower case, not all zero", n), isText(func(s []byte) bool {
		zeros := 0
		for _, c := range s {
			switch {
			case c == '0':
				zeros++
			case c-'1' <= 8 || c-'a' <= 5:
			default:
				return false
			}
		}
		return len(s) == n && zeros < n
	})}
}

var (
	aText    = kind{"a string", isText(func([]byte) bool { return true })}
	fullText = kind{"a string that is not empty", isText(func(s []byte) bool { return len(s) > 0 })}
	aTime    = kind{"a time in RFC 3339 form", isText(isTime)}
	aNumber  = kind{"a number", value.finite}
	positive = kind{"a number that is not negative", func(v value) bool {
		if v.finite() && v[0] != '-' {
			return true
		}
		f, ok := v.number()
		return ok && f >= 0
	}}
	aRate      = kind{"a number above 0, at most 1", func(v value) bool { f, ok := v.number(); return ok && f > 0 && f <= 1 }}
	count      = kind{"a whole number that is not negative", func(v value) bool { n, ok := v.whole(); return ok && n >= 0 }}
	isTrue     = kind{"true", func(v value) bool { return string(v) == "true" }}
	anObject   = kind{"an object", value.isObject}
	anything   = kind{"a value", func(value) bool { return true }}
	textObject = kind{"an object of strings", func(v value) bool {
		o, ok := v.object(nil)
		for _, m := range o {
			ok = ok && m.Value[0] == '"'
		}
		return ok
	}}
)

func isTime(s []byte) bool {
	var t time.Time
	return t.UnmarshalText(s) == nil
}
