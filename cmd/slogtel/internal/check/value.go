package check

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

// A value is a JSON value as it stands in a line.
type value []byte

func (v value) text() (string, bool) {
	var s string
	if len(v) == 0 || v[0] != '"' || json.Unmarshal(v, &s) != nil {
		return "", false
	}
	return s, true
}

func (v value) number() (float64, bool) {
	if len(v) == 0 || v[0] != '-' && (v[0] < '0' || v[0] > '9') {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(v), 64)
	return f, err == nil
}

// whole is a number that is written without a point and an exponent, and has an int64:
// an index would take any other for a float.
func (v value) whole() (int64, bool) {
	n, err := strconv.ParseInt(string(v), 10, 64)
	return n, err == nil
}

func (v value) object() (object, bool) {
	if len(v) == 0 || v[0] != '{' {
		return nil, false
	}
	o := object{}
	ok := events.Members(v, func(key string, raw []byte) { o = append(o, member{key, value(raw)}) })
	return o, ok
}

// maxFound is the most characters of a value that are shown.
const maxFound = 40

// String is what is shown of it.
func (v value) String() string { return text.Cut(text.Clean(string(v)), maxFound) }

type member struct {
	key   string
	value value
}

// An object has its members in their order.
type object []member

// get returns the last member with a key, which wins.
func (o object) get(key string) (value, bool) {
	for i := len(o) - 1; i >= 0; i-- {
		if o[i].key == key {
			return o[i].value, true
		}
	}
	return nil, false
}

func (o object) text(key string) string {
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

func isText(ok func(string) bool) func(value) bool {
	return func(v value) bool {
		s, is := v.text()
		return is && ok(s)
	}
}

func isNumber(ok func(float64) bool) func(value) bool {
	return func(v value) bool {
		f, is := v.number()
		return is && ok(f)
	}
}

func isWhole(least int64) func(value) bool {
	return func(v value) bool {
		n, is := v.whole()
		return is && n >= least
	}
}

func oneOf(words ...string) kind {
	return kind{"one of " + strings.Join(words, ", "), isText(func(s string) bool {
		for _, w := range words {
			if s == w {
				return true
			}
		}
		return false
	})}
}

func exactly(word string) kind {
	return kind{strconv.Quote(word), isText(func(s string) bool { return s == word })}
}

func hexDigits(n int) kind {
	return kind{fmt.Sprintf("%d hexadecimal digits, lower case, not all zero", n), isText(func(s string) bool {
		return len(s) == n && strings.Trim(s, "0123456789abcdef") == "" && strings.Trim(s, "0") != ""
	})}
}

var (
	aText      = kind{"a string", isText(func(string) bool { return true })}
	fullText   = kind{"a string that is not empty", isText(func(s string) bool { return s != "" })}
	aTime      = kind{"a time in RFC 3339 form", isText(isTime)}
	aNumber    = kind{"a number", isNumber(func(float64) bool { return true })}
	positive   = kind{"a number that is not negative", isNumber(func(f float64) bool { return f >= 0 })}
	aRate      = kind{"a number above 0, at most 1", isNumber(func(f float64) bool { return f > 0 && f <= 1 })}
	count      = kind{"a whole number that is not negative", isWhole(0)}
	isTrue     = kind{"true", func(v value) bool { return string(v) == "true" }}
	anObject   = kind{"an object", func(v value) bool { _, ok := v.object(); return ok }}
	anything   = kind{"a value", func(value) bool { return true }}
	textObject = kind{"an object of strings", func(v value) bool {
		o, ok := v.object()
		for _, m := range o {
			_, text := m.value.text()
			ok = ok && text
		}
		return ok
	}}
)

func isTime(s string) bool {
	_, err := time.Parse(time.RFC3339, s)
	return err == nil
}
