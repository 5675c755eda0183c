// Package errtext is the text of an error without what the URLs in it would give away.
package errtext

import (
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

func isPort(s string) bool { return strings.Trim(s, "0123456789") == "" }

// URL returns a URL without user info, query and fragment. It need not be a valid one.
func URL(raw string) string {
	if i := strings.IndexAny(raw, "?#"); i >= 0 {
		raw = raw[:i]
	}
	scheme, rest, ok := strings.Cut(raw, "//")
	if !ok {
		return raw
	}
	authority, path := rest, ""
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		authority, path = rest[:i], rest[i:]
	}
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		return scheme + "//" + authority[i+1:] + path
	}
	if i := strings.LastIndexByte(path, '@'); i >= 0 && !isPort(authority[strings.LastIndexByte(authority, ':')+1:]) && strings.Contains(authority, ":") {
		return scheme + "//" + path[i+1:] // a slash in a password, that should have been escaped
	}
	return raw
}
