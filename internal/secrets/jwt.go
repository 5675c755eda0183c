package secrets

// maxJWTHeader bounds how far a web token's header is followed to the dot behind it. Headers with a
// certificate chain in them can be longer; so much base64url that begins as a JSON object does is
// hidden without having seen the dot.
const maxJWTHeader = 1024

// findJWT finds a JSON Web Token (RFC 7519) in its compact form: base64url parts with dots between
// them, the first a JSON object and so beginning with {", which is eyJ, or with a brace and white space. The
// signature may be missing: the payload alone tells who someone is. The anchor is the second letter.
func findJWT(src source, i int) (start, end int) {
	s := src.s
	start = i - 1
	if start < 0 || s[start] != 'e' || s[i] == 'w' && !wordStart(s, start) {
		return 0, 0
	}
	dot := base64url.runMax(s, start, maxJWTHeader)
	if dot-start >= maxJWTHeader {
		if s[i] == 'w' {
			return dot, 0
		}
		return start, jwtBody.run(s, dot)
	}
	if dot-start < 12 || dot == len(s) || s[dot] != '.' {
		return dot, 0 // any other eyJ in this run meets the same end
	}
	part := dot + 1
	if part < len(s) && s[part] == '.' { // an encrypted token may have an empty second part
		part++
	}
	if n := base64url.runMax(s, part, 8) - part; n < 8 || s[i+1] != 'J' && s[part] != 'e' {
		return dot, 0
	}
	end = jwtBody.run(s, part)
	for s[end-1] == '.' { // the full stop of a sentence
		end--
	}
	return start, end
}
