package secrets

import "strings"

// maxUserinfo bounds the user and password of a URL. Tokens that are longer have shapes of their own.
const maxUserinfo = 1024

// findURLAuth finds the user and password of a URL (RFC 3986, section 3.2.1): what stands between
// "://" and the last '@' of the authority, where there is a password in it. The anchor is the colon.
func findURLAuth(src source, i int) (start, end int) {
	s := src.s
	if i == 0 || !alnum[s[i-1]] {
		return 0, 0
	}
	if start = slash(s, slash(s, i+1)); start == 0 {
		return 0, 0
	}
	at, colon, k := -1, -1, start
	limit := min(len(s), start+maxUserinfo)
	for ; k < limit && !authorityEnd[s[k]]; k++ {
		switch s[k] {
		case '@':
			at = k
		case ':':
			if colon < 0 {
				colon = k
			}
		}
	}
	if at < 0 && colon > 0 && k < limit && strings.IndexByte("/?#", s[k]) >= 0 && !isPort(s[colon+1:k]) && s[start] != '[' {
		// No port: a password with an unescaped / ? or # in it.
		for n := 0; n < 128 && k < limit && !textEnd[s[k]]; n++ {
			if s[k] == '@' {
				at = k
			}
			k++
		}
	}
	if at < 0 {
		if colon > 0 && k == len(s) && k < start+maxUserinfo && s[start] != '[' && !isPort(s[colon+1:]) && looksRandom(s[colon+1:]) {
			return start, k // cut off before its @
		}
		return 0, 0
	}
	if colon < 0 || colon > at {
		if at-start >= 20 { // no password, but too long for a user: a token
			return start, at
		}
		return 0, 0
	}
	if s[colon+1:at] == "" || s[colon+1:at] == Mask {
		return 0, 0
	}
	return start, at
}

// slash returns the place behind the slash at s[i], which may be escaped as some JSON encoders do it, or
// 0 where there is none. It keeps 0.
func slash(s string, i int) int {
	if i == 0 {
		return 0
	}
	for n := 0; n < maxSlashes && i < len(s) && s[i] == '\\'; n++ {
		i++
	}
	if i < len(s) && s[i] == '/' {
		return i + 1
	}
	return 0
}

func isPort(s string) bool { return digit.runMax(s, 0, 6) == len(s) }

// findDSN finds the user and password of a data source name of the MySQL driver,
// user:password@tcp(host), https://github.com/go-sql-driver/mysql#dsn-data-source-name. The anchor is
// the '@'.
func findDSN(src source, i int) (start, end int) {
	s := src.s
	rest := s[i+1:]
	if !strings.HasPrefix(rest, "tcp(") && !strings.HasPrefix(rest, "tcp6(") && !strings.HasPrefix(rest, "unix(") {
		return 0, 0
	}
	colon := false
	for start = i; start > 0 && i-start < 256 && !textEnd[s[start-1]]; start-- {
		colon = colon || s[start-1] == ':'
	}
	if !colon {
		return 0, 0
	}
	return start, i
}

var (
	textEnd      = endChars("\"'`<>")
	authorityEnd = endChars("\"'`<>/?#\\")
)

// endChars is the set of the given characters, white space and control bytes.
func endChars(more string) *charset {
	set := chars(more)
	for c := range 0x21 {
		set[c] = true
	}
	set[0x7f] = true
	return set
}
