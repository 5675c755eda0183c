package sqltel

import (
	"database/sql/driver"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// maxText is the length in bytes beyond which texts are cut.
const maxText = 2048

// textOf returns a statement without literals and comments, its spaces as one. It ends in …
// where it was cut, or where databases differ in what is a literal.
func textOf(query string, strict bool) string {
	l := lexer{s: query, strict: strict}
	var b strings.Builder
	gap := false
	for b.Len() <= maxText {
		start := l.pos
		k := l.lex()
		text := query[start:l.pos]
		if k == end {
			return b.String()
		}
		if k == space {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		switch {
		case k == unclear:
			return b.String() + "…"
		case k == literal, k == quoted && !strict && text[0] == '"':
			b.WriteByte('?')
		default:
			b.WriteString(text)
		}
	}
	return cut(b.String())
}

func cut(s string) string {
	if len(s) <= maxText {
		return s
	}
	n := maxText
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// clean returns the text of an error without what it may repeat of the statement's
// literals and arguments, and without the passwords of a data source name.
func (o *op) clean(text string) string {
	text = cut(text) // first: a driver may repeat a huge statement
	for _, a := range o.args {
		text = withoutArg(text, a.Value, maxArgDepth)
	}
	for l := (lexer{s: o.query, strict: o.t.strict}); ; {
		start := l.pos
		switch k := l.lex(); {
		case k == end:
			return withoutPasswords(text)
		case k == unclear:
			return withoutPasswords(withoutWords(text, o.query[start:]))
		case k == literal, k == quoted && !o.t.strict && o.query[start] == '"':
			v := o.query[start:l.pos]
			if q := v[0]; q == '\'' || q == '"' {
				text = withoutCut(text, v)
				v = strings.ReplaceAll(v[1:len(v)-1], string([]byte{q, q}), string(q))
			} else if q == '$' {
				n := strings.IndexByte(v[1:], '$') + 2
				v = v[n:max(n, len(v)-n)]
			}
			text = without(text, v)
		}
	}
}

// maxArgDepth and maxArgItems bound what is looked at of one argument.
const (
	maxArgDepth = 4
	maxArgItems = 4096
)

// withoutArg returns text without what an argument is. Drivers take values of any type, where they
// have a NamedValueChecker.
func withoutArg(text string, arg any, depth int) (clean string) {
	clean = text
	defer func() { _ = recover() }() // in a method of the argument
	switch v := arg.(type) {
	case nil:
		return text
	case []byte:
		return without(text, string(v))
	case time.Time:
		return without(without(text, v.Format(time.RFC3339Nano)), v.String())
	case driver.Valuer:
		if inner, err := v.Value(); err == nil && depth > 0 {
			return withoutArg(text, inner, depth-1)
		}
		return text
	}
	v := reflect.ValueOf(arg)
	switch v.Kind() {
	case reflect.String:
		return without(text, v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return without(text, strconv.FormatInt(v.Int(), 10))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return without(text, strconv.FormatUint(v.Uint(), 10))
	case reflect.Float32, reflect.Float64:
		return without(text, strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits()))
	case reflect.Pointer:
		if !v.IsNil() && depth > 0 {
			return withoutArg(text, v.Elem().Interface(), depth-1)
		}
	case reflect.Slice, reflect.Array:
		for i := 0; i < min(v.Len(), maxArgItems) && depth > 0; i++ {
			clean = withoutArg(clean, v.Index(i).Interface(), depth-1)
		}
	}
	return clean
}

// without returns text with each v that is no part of a longer word replaced by a
// question mark. Of a long v the beginning counts: drivers cut.
func without(text, v string) string {
	const most = 64
	whole := v
	if len(v) > most {
		v = v[:most]
	}
	if v == "" || v == "?" {
		return text
	}
	var b strings.Builder
	pos := 0
	for pos < len(text) {
		i := strings.Index(text[pos:], v)
		if i < 0 {
			break
		}
		i += pos
		stop := i + len(v)
		for stop < len(text) && stop-i < len(whole) && text[stop] == whole[stop-i] {
			stop++
		}
		if i > 0 && inWord(v[0]) && inWord(text[i-1]) || stop < len(text) && inWord(text[stop-1]) && inWord(text[stop]) {
			b.WriteString(text[pos : i+1])
			pos = i + 1
			continue
		}
		b.WriteString(text[pos:i])
		b.WriteByte('?')
		pos = stop
	}
	b.WriteString(text[pos:])
	return b.String()
}

// withoutCut returns text without the beginnings of a literal in quotes: a driver that quotes a
// part of the statement may end it anywhere.
func withoutCut(text, literal string) string {
	const least = 3 // bytes that are no coincidence, and the quote
	for i := 0; i+least < len(text); i++ {
		if text[i] != literal[0] {
			continue
		}
		n := 0
		for n < len(literal) && i+n < len(text) && text[i+n] == literal[n] {
			n++
		}
		if n > least && n < len(literal) && (i+n == len(text) || !inWord(text[i+n])) {
			text = text[:i+1] + "?" + text[i+n:]
		}
	}
	return text
}

// withoutWords returns text with a question mark in place of each word that is in a part of the
// statement of which it is not clear what is a literal. All words are taken to be in a part that
// would take long to search.
func withoutWords(text, part string) string {
	const most = 64 << 10
	var b strings.Builder
	for len(text) > 0 {
		n := span(text, inWord)
		if n > 0 && (len(part) > most || strings.Contains(part, text[:n])) {
			b.WriteByte('?')
		} else {
			n = max(n, 1)
			b.WriteString(text[:n])
		}
		text = text[n:]
	}
	return b.String()
}

func inWord(c byte) bool { return isLetter(c) || isDigit(c) }

// passwords are where a data source name has its password: before the @ of a URL or of
// MySQL's form, and in a pair.
var passwords = []struct {
	pattern *regexp.Regexp
	in      string // which a text must have, in lower case, for the pattern to match; "": none
	with    string
}{
	{regexp.MustCompile(`://\S*@`), "://", "://?@"},
	{regexp.MustCompile(`[^\s"'` + "`" + `]+:\S*@(tcp|unix|udp)?([(/])`), "@", "?@$1$2"},
	{regexp.MustCompile(`(?i)(password|passwd|pwd|passphrase|secret|token|(?:api|access|private|ssl)_?key)(\s*[=:]\s*)('[^']*'|"[^"]*"|[^\s;&"']+)`), "", "${1}${2}?"},
}

func withoutPasswords(text string) string {
	for _, p := range passwords {
		if strings.Contains(text, p.in) {
			text = p.pattern.ReplaceAllString(text, p.with)
		}
	}
	return text
}
