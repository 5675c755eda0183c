package secrets

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
)

// findBearer finds credentials that follow the word Bearer (RFC 6750) or Basic (RFC 7617), inside a
// header or out of it. The anchor is the B.
func findBearer(src source, i int) (start, end int) {
	s := src.s
	word := "bearer"
	if lower(s[i+1]) == 'a' {
		word = "basic"
	}
	if !hasFold(s, i, word) || !wordStart(s, i) {
		return 0, 0
	}
	start = skipBlank(s, i+len(word))
	if row := lineBreak(s, start); row > 0 && start == i+len(word) && isBlank(at(s, row)) { // a header that goes on in the next line
		start = skipBlank(s, row)
	}
	if start == i+len(word) {
		return 0, 0
	}
	end = token68.runMax(s, start, checkLen)
	head := strings.TrimRight(s[start:end], ".,")
	switch {
	case strings.HasSuffix(head, "=") && end < len(s) && isQuote(s[end]): // a parameter: Bearer realm="x"
		return 0, 0
	case word == "basic" && !basicUser(head):
		return 0, 0
	case word == "bearer" && !random(head) && (isLower(s[i]) || len(head) < 6 || aboutBearer.has(head)):
		return 0, 0
	}
	end = token68.run(s, end)
	for s[end-1] == '.' {
		end--
	}
	return start, end
}

// aboutBearer are the words that follow Bearer, with a capital, in sentences. Any other word that long is taken for a token.
var aboutBearer = set("authentication", "authorization", "authenticated", "authenticator", "credential", "credentials", "certificate", "certificates",
	"header", "headers", "prefix", "scheme", "schemes", "tokens", "format", "string", "access", "method", "security")

// skipBlank skips the space between a scheme and its credentials, at most eight bytes of it, in plain
// text, in a query string (+) or percent-encoded.
func skipBlank(s string, i int) int {
	for n := 0; n < 8 && i < len(s); n++ {
		switch {
		case isBlank(s[i]) || s[i] == '+':
			i++
		case strings.HasPrefix(s[i:], "%20"):
			i += 3
		default:
			return i
		}
	}
	return i
}

// basicUser reports whether v, which is at most checkLen bytes long, is base64 of a user, a colon and a password, or the head of it.
func basicUser(v string) bool {
	v = strings.TrimRight(v, "=")
	if len(v)%4 == 1 && base64std.run(v, 0) == len(v) { // cut off within a character
		v = v[:len(v)-1]
	}
	var buf [checkLen]byte
	n, err := base64.RawStdEncoding.Decode(buf[:], []byte(v))
	isControl := func(c byte) bool { return c < ' ' || c == 0x7f }
	return err == nil && bytes.IndexByte(buf[:n], ':') >= 0 && !slices.ContainsFunc(buf[:n], isControl)
}

// hasScheme reports whether an Authorization value begins with a scheme that credentials follow
// (https://www.iana.org/assignments/http-authschemes, and those in common use beside it).
func hasScheme(v string) bool {
	for _, scheme := range [...]string{"bearer ", "basic ", "digest ", "negotiate ", "ntlm ", "hawk ", "oauth ", "hoba ",
		"mutual ", "mac ", "dpop ", "gnap ", "scram-", "vapid ", "aws4-hmac", "token ", "apikey ", "api-key ", "key ", "sharedkey "} {
		if hasFold(v, 0, scheme) {
			return true
		}
	}
	return false
}
