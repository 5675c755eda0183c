// Package errtext is the text of an error without what the URLs in it would give away.
package errtext

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// maxErrors bounds how many errors of a tree are looked at.
const maxErrors = 64

// Of returns err.Error(). Where err is or wraps a [*url.Error], as those of http.Client are,
// the URL in it has neither user info nor query nor fragment: these hold secrets. It panics
// if err.Error does.
func Of(err error) string { return Clean(err.Error(), err) }

// Clean does so with a text that has err's.
func Clean(text string, err error) (cleaned string) {
	defer func() {
		if recover() != nil { // in a method of err, after which its URLs are not known
			cleaned = text
		}
	}()
	left := maxErrors
	return clean(text, err, &left)
}

func clean(text string, err error, left *int) string {
	for ; err != nil && *left > 0; *left-- {
		if e, ok := err.(*url.Error); ok && e != nil {
			if short := URL(e.URL); short != e.URL {
				if e.Op == "parse" && e.Err != nil { // it quotes what it does not understand
					kind, _, _ := strings.Cut(e.Err.Error(), `"`)
					text = strings.ReplaceAll(text, e.Err.Error(), strings.TrimSpace(kind))
				}
				text = strings.ReplaceAll(text, strconv.Quote(e.URL), strconv.Quote(short))
				text = strings.ReplaceAll(text, e.URL, short)
			}
		}
		switch e := err.(type) {
		case interface{ Unwrap() error }:
			err = e.Unwrap()
		case interface{ Unwrap() []error }:
			for _, inner := range e.Unwrap() {
				*left--
				text = clean(text, inner, left)
			}
			return text
		default:
			return text
		}
	}
	return text
}

// URL returns a URL without user info, query and fragment. It need not be a valid one: what stands
// before an @ is taken for user info where it may be.
func URL(raw string) string {
	if scheme, rest, ok := strings.Cut(raw, "//"); ok {
		authority := rest
		if i := strings.IndexAny(rest, "/?#"); i >= 0 {
			authority = rest[:i]
		}
		at := strings.LastIndexByte(authority, '@')
		if at < 0 {
			if _, err := url.Parse(raw); err != nil { // a password with a / or #, that should have been escaped
				at = strings.LastIndexByte(rest, '@')
			}
		}
		raw = scheme + "//" + rest[at+1:]
	}
	if i := strings.IndexAny(raw, "?#"); i >= 0 {
		raw = raw[:i]
	}
	return raw
}

// Text returns a text without user info, query and fragment of the URLs in it, for an error that came
// from another process, or has lost what it wrapped. A URL ends at white space, at a quotation mark
// or a bracket, and one in double quotes at the second of these.
func Text(text string) string {
	const sep = "://"
	if !strings.Contains(text, sep) {
		return text
	}
	var b strings.Builder
	for {
		at := strings.Index(text, sep)
		if at < 0 {
			b.WriteString(text)
			return b.String()
		}
		from := at
		for from > 0 && isScheme(text[from-1]) {
			from--
		}
		rest := text[at+len(sep):]
		end := len(text) - len(rest) + urlLength(rest, from > 0 && text[from-1] == '"')
		b.WriteString(text[:from])
		b.WriteString(URL(text[from:end]))
		text = text[end:]
	}
}

// Panic is the error that stands for a panic. It keeps the text, not the value.
func Panic(v any) error {
	const most = 1024
	text := fmt.Sprintf("panic: %v", v)
	if err, ok := v.(error); ok {
		text = Clean(text, err)
	}
	if len(text) > most {
		text = text[:most] + "…"
	}
	return errors.New(text)
}

// Try calls a function that an app has given as an option. A panic in it is a fault, not the end of
// what is recorded: then Try returns otherwise.
func Try[In, Out any](option string, fault *error, otherwise Out, fn func(In) Out, in In) (out Out) {
	defer func() {
		if v := recover(); v != nil {
			out, *fault = otherwise, fmt.Errorf("%s: %w", option, Panic(v))
		}
	}()
	return fn(in)
}

func isScheme(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'
}

// urlLength returns how much of a text that follows :// is of the URL.
func urlLength(text string, quoted bool) int {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case quoted && c == '"':
			return i
		case !quoted && (c <= ' ' || strings.IndexByte("\"'`<>()[]{}|", c) >= 0 && !ipv6(text, i)):
			return i
		}
	}
	return len(text)
}

// ipv6 reports whether the bracket at i is that of an address, as in http://[::1]:80/.
func ipv6(text string, i int) bool {
	switch text[i] {
	case '[':
		return i == 0 || text[i-1] == '@'
	case ']':
		return strings.IndexByte(text[:i], '[') >= 0
	}
	return false
}
