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
	if s[i] == '%' {
		if !hasFold(s, i, "%3a%2f%2f") {
			return 0, 0
		}
		return findEncodedAuth(s, i+len("%3a%2f%2f"))
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
		if colon > 0 && k == len(s) && k < start+maxUserinfo && s[start] != '[' && !isPort(s[colon+1:]) && random(s[colon+1:]) && !strings.ContainsAny(s[colon:], "()[]") {
			return start, k // cut off before its @
		}
		return 0, 0
	}
	if colon < 0 || colon > at {
		if user := s[start:at]; len(user) >= 20 && (keyMaterial(user) && hasDigit(user) && strings.IndexByte(user, '%') < 0) { // no password, but a token for a user
			return start, at
		}
		return 0, 0
	}
	if user, password := s[start:colon], s[colon+1:at]; password == "" && !(len(user) >= 12 && random(user)) || password == Mask || password == "%s" {
		return 0, 0
	}
	return start, at
}

// findEncodedAuth is findURLAuth for a URL that is percent-encoded, as a parameter of another.
func findEncodedAuth(s string, start int) (from, end int) {
	colon := -1
	for k := start; k < len(s) && k-start < maxUserinfo && !authorityEnd[s[k]] && s[k] != '&' && !hasFold(s, k, "%2f"); k++ {
		switch {
		case hasFold(s, k, "%3a"):
			colon = k
		case hasFold(s, k, "%40"):
			if colon < 0 || k == colon+3 || s[colon+3:k] == Mask {
				return 0, 0
			}
			return start, k
		}
	}
	return 0, 0
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

// findDSN finds the password of a data source name of Go's drivers, user:password@tcp(host)/db, user:password@/db,
// user:password@cloudsql(…) (https://github.com/go-sql-driver/mysql#dsn-data-source-name), and of Oracle's
// user/password@host:port/service. The anchor is the '@'.
func findDSN(src source, i int) (start, end int) {
	s := src.s
	after := lowerNum.runMax(s, i+1, 16)
	oracle, loose := false, false
	switch {
	case strings.HasPrefix(s[i+1:], "/"+"/"):
		oracle = true
	case at(s, i+1) == '/' && (i+2 == len(s) || alnumUnder[s[i+2]] || s[i+2] == '?' || isBlank(s[i+2]) || isQuote(s[i+2])):
	case after < len(s) && s[after] == '(' && closesGroup(s, after):
	default:
		host := dotted.runMax(s, i+1, 128)
		if host < i+2 || host == len(s) || s[host] != ':' && s[host] != '/' {
			return 0, 0
		}
		if !alnum[at(s, host+1)] {
			return 0, 0
		}
		oracle = digit[at(s, host+1)]
		loose = !oracle || at(s, digit.runMax(s, host+1, 6)) != '/'
	}
	colon, ats := -1, 0
	for start = i; start > 0 && i-start < 64 && ats < 2 && !textEnd[s[start-1]] && s[start-1] != '=' && !(s[start-1] == '/' && start > 1 && s[start-2] == '/') && (oracle || s[start-1] != ','); start-- {
		switch c := s[start-1]; {
		case c == ':' || c == '/' && oracle:
			colon = start
		case c == '@':
			ats++
		}
	}
	if colon < 0 || colon == i || colon-1 <= start || loose && !mixed(s[colon:i]) || oracle && (!random(s[colon:i]) || strings.Contains(s[start:i], "/"+"/")) || s[colon:i] == Mask {
		return 0, 0
	}
	return start, i
}

// findPgpass finds the password in a line of PostgreSQL's password file, host:port:database:user:password
// (https://www.postgresql.org/docs/current/libpq-pgpass.html). The anchor is the last digit of the port, or its asterisk.
func findPgpass(src source, i int) (start, end int) {
	s, port := src.s, i+1
	colon := digit.before(s, port, 5) - 1
	if s[i] == '*' {
		colon = i - 1
	}
	if colon < 1 || s[colon] != ':' || digit[s[i]] && port-colon < 5 {
		return 0, 0
	}
	host := pgpassChar.before(s, colon, 128)
	if host == colon || host > 0 && s[host-1] != '\n' && !isBlank(s[host-1]) && !isQuote(s[host-1]) {
		return 0, 0
	}
	db := pgpassChar.runMax(s, port+1, 64)
	user := pgpassChar.runMax(s, db+1, 64)
	if db == port+1 || at(s, db) != ':' || user == db+1 || at(s, user) != ':' || digit.run(s, port+1) == db || hexDigit.run(s, port+1) == db && hexDigit.run(s, db+1) == user {
		return 0, 0
	}
	start = user + 1
	for end = start; end < len(s) && !textEnd[s[end]]; end++ {
	}
	if n := end - start; n < 4 || end < len(s) && isBlank(s[end]) && s[host] != '*' || s[start:end] == Mask || !notPath(s[start:end]) {
		return 0, 0
	}
	return start, end
}

var pgpassChar = chars("0-9A-Za-z_.*-")

// closesGroup reports whether the parenthesis at s[i] has something in it and is closed.
func closesGroup(s string, i int) bool {
	k := i + 1
	for k < len(s) && k-i < 256 && s[k] != ')' && s[k] > ' ' {
		k++
	}
	return k < len(s) && s[k] == ')' && k > i+1
}

// at returns s[i], or 0 behind its end.
func at(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return 0
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
