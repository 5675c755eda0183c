package secrets

import "strings"

// value says what is known about a value before it is read.
type value struct {
	rule       *KeyRule
	header     bool // it follows "Name:", so it may be a header
	quotedName bool // its name is in quotes, as in JSON
	encoded    bool // it is percent-encoded
	spaced     bool // there is a blank after the sign
	prose      bool // it follows a name, a colon and a blank, as a sentence may
}

// valueStart skips what may stand between the sign and the value: blanks, the rest of := => == ::, colour codes,
// and the asterisks of bold type where the name is in it.
func valueStart(s string, i int, bold bool) int {
	for n := 0; n < 3 && bold && i < len(s) && s[i] == '*'; n++ {
		i++
	}
	for n := 0; n < 64 && i < len(s) && strings.IndexByte(" \t=>:", s[i]) >= 0; n++ {
		if s[i] == '>' && i+1 < len(s) && strings.IndexByte("-+\r\n", s[i+1]) >= 0 { // a block of YAML
			break
		}
		i++
	}
	return skipAnsi(s, i)
}

// nextLine returns where the value begins that stands on the lines after s[i], as YAML and printed JSON have it,
// or 0. Block is that it was announced by | or >.
func nextLine(s string, i int) (at int, block bool) {
	if i < len(s) && (s[i] == '|' || s[i] == '>') {
		block = true
		if i++; i < len(s) && (s[i] == '-' || s[i] == '+') {
			i++
		}
	}
	if i = lineBreak(s, i); i == 0 {
		return 0, false
	}
	for n := 0; n < 64 && i < len(s) && isBlank(s[i]); n++ {
		i++
	}
	if strings.HasPrefix(s[i:], "- ") { // the first item of a list
		i += 2
	}
	return i, block
}

// inBold reports whether the name that begins at i, or one of the two words before it, follows an
// asterisk: **My API key:** is in bold type, while *** may be the mask of a value before.
func inBold(s string, i int) bool {
	for range 3 {
		for n := 0; n < maxName && i > 0 && nameChar[s[i-1]]; n++ {
			i--
		}
		if i > 0 && s[i-1] == '*' {
			return true
		}
		if i < 2 || !isBlank(s[i-1]) || !nameChar[s[i-2]] {
			break
		}
		i--
	}
	return false
}

// find returns the extent of the value that begins at i, without its quotes, or nothing where there is
// nothing to hide.
func (v value) find(s string, i int) (start, end int) {
	if i == len(s) {
		return 0, 0
	}
	if at, block := nextLine(s, i); at > 0 && at < len(s) {
		if !block && !v.quotedName {
			end = v.plainEnd(s[:min(len(s), at+maxHead)], at)
			if quoteAt(s, at) == at && (!secretWord(s[at:end], false) || end < len(s) && s[end] == ' ') {
				return 0, 0
			}
		}
		i = at
		v.prose = false
	}
	if strings.HasPrefix(s[i:], Mask) {
		if rest := i + len(Mask); rest < len(s) && alnum[s[rest]] { // a secret that somebody else hid in part
			return i, v.plainEnd(s, rest)
		}
		return 0, 0
	}
	if open := quoteAt(s, i); open > i {
		end = quoteEnd(s, i, open)
		inside := s[open:end]
		if inside == Mask || !v.hidesQuoted(inside) {
			return 0, 0
		}
		if letter[s[i]] && s[i+1] != 'u' { // part of the literal or of the secret
			return i, end
		}
		return v.credentials(s, open, end)
	}
	if v.hidesComposite(s, i) {
		if end = compositeEnd(s, i); end < len(s) && !closes(s, end) { // no list after all: a password with brackets in it
			end = v.plainEnd(s, end)
		}
		return i, end
	}
	head := s[:min(len(s), i+maxHead)] // what tells whether it is one
	end = v.plainEnd(head, i)
	if v.rule.Kind == Personal {
		end = v.groupsEnd(head, i, end)
	}
	word := s[i:end]
	if v.rule.line && word != "" {
		if line := s[i:lineEnd(head, i)]; v.wholeLine(line, word) {
			return v.credentials(s, i, lineEnd(s, i))
		}
	}
	if !v.hidesWord(s, i, end, word) {
		return 0, 0
	}
	if end == len(head) && len(head) < len(s) {
		end = v.plainEnd(s, i)
	}
	return i, end
}

// credentials returns the extent of s[i:end] without the scheme of an Authorization header, which is no secret.
func (v value) credentials(s string, i, end int) (from, to int) {
	if v.rule.Name != "authorization" {
		return i, end
	}
	scheme := schemeChar.runMax(s[:end], i, 20)
	after := skipBlank(s[:end], scheme)
	if scheme == i || after == scheme || after == end {
		return i, end
	}
	if s[after:end] == Mask {
		return 0, 0
	}
	return after, end
}

var schemeChar = chars("0-9A-Za-z-")

// hidesQuoted reports whether a text in quotes is to be hidden.
func (v value) hidesQuoted(inside string) bool {
	if v.rule.judge != nil {
		return v.rule.judge(inside)
	}
	if !v.quotedName && (v.prose || v.rule.weak) {
		if v.rule.Name == "token" && len(inside) < 4 || v.rule.weak && !random(inside) { // unexpected token: '}'
			return false
		}
		return strings.IndexByte(inside, ' ') < 0 || !v.rule.weak
	}
	return inside != "" && !(v.rule.path && !notPath(inside))
}

// hidesComposite tells a list, an object or a Go literal at s[i] that has a secret in it from an object that is only
// named, as Token{a64f992 t761}, and from a type. It looks at the head only.
func (v value) hidesComposite(s string, i int) bool {
	open := typeChar.runMax(s, i, 2*maxName)
	if open == len(s) || s[open] != '{' && s[open] != '[' || s[open] == '[' && open > i && s[i:open] != "map" || v.rule.judge != nil {
		return false
	}
	head := s[open+1 : min(len(s), open+maxHead)]
	if k := strings.IndexAny(head, "]}"); k >= 0 && (s[open] == '{' || open > i || v.prose) {
		head = head[:k]
	}
	switch {
	case v.prose && !v.quotedName && open == i:
		return strings.ContainsAny(head, `"=`) && strings.IndexByte(head, ' ') < 0 || secretWord(head, false)
	case open == i:
		return !strings.HasPrefix(head, "]") || len(head) > 1 && (typeChar[head[1]] || head[1] == '{')
	}
	return strings.ContainsAny(head, ":\"'") || s[open] == '['
}

// hidesWord reports whether a value that is not in quotes is to be hidden.
func (v value) hidesWord(s string, i, end int, word string) bool {
	r := v.rule
	switch {
	case word == "" || nothing(word) || isObject(word) || isMask(word) || v.namesObject(word):
		return false
	case r.judge != nil:
		return r.judge(word) && (!v.prose || r.Kind == Personal || r.pin || secretWord(word, false))
	case v.quotedName:
		return !r.path || !strings.Contains(word, "://") // [Security Credentials]: https://…, a link of Markdown
	case r.weak && strings.HasPrefix(r.Name, "cred") && isUserPassword(word):
		return true
	case r.weak:
		return random(word) && notPath(word) && !strings.Contains(word, "://") && (!v.prose && !strings.HasPrefix(word, "0x") || mixed(word))
	case r.path:
		return notPath(word)
	case r.Kind == Personal && !v.prose && (strings.HasPrefix(r.Name, "email") || strings.HasPrefix(r.Name, "phone")):
		return hasDigit(word) || strings.IndexByte(word, '@') > 0
	case !v.prose:
		return !isVariable(word) && !(r.Name == "token" && len(word) < 4 && digit.run(word, 0) == len(word) && v.spaced)
	case r.Kind == Personal:
		return hasDigit(word) || strings.IndexByte(word, '@') > 0
	}
	follows := end+1 < len(s) && isBlank(s[end]) && (letter[s[end+1]] || digit[s[end+1]])
	if end < len(s) && s[end] == ':' {
		return false
	}
	if secretWord(word, follows && r.Name != "password" && r.Name != "passwd") {
		return true
	}
	if v.header && !follows && (end == len(s) || isQuote(s[end]) || lineBreak(s, end) > 0) && v.inHeaderX(s, i) {
		return base64any.run(word, 0) == len(word) && !aboutFailure.has(word)
	}
	if follows || v.after(s, i) || !strings.HasPrefix(r.Name, "pass") && r.Name != "secret" {
		return false
	}
	return len(word) >= 6 && alnum.run(word, 0) == len(word) && !aboutFailure.has(word)
}

// isUserPassword reports whether a word is a user, a colon and a password.
func isUserPassword(word string) bool {
	colon := strings.IndexByte(word, ':')
	return colon > 0 && secretWord(word[colon+1:], false)
}

// inHeaderX reports whether the name of the value at i is that of a header such as X-Auth-Token.
func (v value) inHeaderX(s string, i int) bool {
	return hasFold(s, nameOf(s, i), "x-")
}

// nameOf returns where the name begins that a colon separates from the value at i.
func nameOf(s string, i int) int {
	for i > 0 && (isBlank(s[i-1]) || s[i-1] == ':') {
		i--
	}
	return nameChar.before(s, i, maxName)
}

// isMask reports whether a word is what somebody else put in place of a secret.
func isMask(word string) bool {
	return len(word) >= 3 && (word[0] == '*' || word[0] == 'x' || word[0] == 'X') && strings.Trim(word, word[:1]) == ""
}

// after reports whether the name of the value at i follows a word, as in "read password: EOF", and so belongs to a
// sentence. In "temporary password: x" and "login: bob password: x" it does not.
func (v value) after(s string, i int) bool {
	i = nameOf(s, i)
	if i < 2 || !isBlank(s[i-1]) || !letter[s[i-2]] {
		return false
	}
	word := letter.before(s, i-1, 16)
	if owners.has(s[word : i-1]) {
		return false
	}
	user := word - 1
	for user > 0 && isBlank(s[user]) {
		user--
	}
	return user < 1 || s[user] != ':' && s[user] != '=' || !userNames.has(s[letter.before(s, user, 16):user])
}

var userNames = set("user", "username", "login", "account", "uid", "id")

// aboutFailure are the words that follow the name of a secret and a colon where one was refused or is asked for.
var aboutFailure = set("expired", "invalid", "missing", "required", "denied", "disabled", "enabled", "failed", "failure", "unknown", "unsupported",
	"malformed", "revoked", "redacted", "incorrect", "changed", "timeout", "unauthorized", "forbidden", "rejected", "mismatch", "accepted", "canceled",
	"cancelled", "hidden", "unavailable", "undefined", "refused", "updated", "created", "deleted", "verified", "unchanged", "success", "default", "optional",
	"string", "encrypted", "removed", "rotated", "wrong", "correct", "notfound", "loaded", "present", "absent", "private", "public", "masked", "omitted")

// isVariable tells a reference to where a secret is from the secret: ${DB_PASSWORD}, %s, <password>, {{ .Token }}.
func isVariable(word string) bool {
	n := len(word)
	return strings.HasPrefix(word, "${") && word[n-1] == '}' || word[0] == '<' && word[n-1] == '>' && !mixed(word) || word == "%s" || word == "%v" || word == "%q" || strings.HasPrefix(word, "{{")
}

// isObject tells the name of an object, as Java prints it: android.os.BinderProxy@2bd79ce.
func isObject(word string) bool {
	at := strings.IndexByte(word, '@')
	return at > 0 && at+1 < len(word) && len(word)-at <= 9 && strings.IndexByte(word[:at], '.') > 0 && hexDigit.run(word, at+1) == len(word) && dotted.run(word, 0) == at && !digit[word[0]]
}

// namesObject reports whether a word is the head of an object that is only named: Token{a64f992.
func (v value) namesObject(word string) bool {
	open := strings.IndexByte(word, '{')
	return open > 0 && typeChar.run(word, 0) == open && strings.IndexByte(word, '}') < 0 || word == "[]"
}

// maxHead is how much of a line is looked at to tell what it is.
const maxHead = checkLen

// wholeLine tells a header from a sentence that begins with the same word: a cookie has a '=' in it,
// credentials follow a scheme or look random.
func (v value) wholeLine(line, word string) bool {
	switch v.rule.Name {
	case "cookie", "cookies":
		return v.header && strings.IndexByte(line, '=') >= 0
	case "authorization":
		second := line[min(len(line), len(word)+1):]
		k := strings.IndexByte(second, ' ')
		if k >= 0 {
			second = second[:k]
		}
		alone := k < 0 && isUpper(word[0]) && len(second) >= 6 && token68.run(second, 0) == len(second) && !aboutFailure.has(second) && !aboutBearer.has(second)
		return hasScheme(line) || random(word) || strong(second) || isUUID(second) || alone || k < 0 && hasDigit(second) && lowerMixed(second) && schemeChar.run(word, 0) == len(word)
	}
	return !v.prose || strings.IndexByte(line, ' ') > 0 && !strings.HasPrefix(line, "not ") && !strings.HasSuffix(word, ":") || secretWord(word, false)
}

// nothing tells the words that stand for no value, or for the type of one in a schema.
func nothing(word string) bool { return noValue.has(strings.TrimRight(word, ",;)")) }

var noValue = set("", "null", "nil", "none", "true", "false", "undefined", "string", "str", "boolean", "bool", "{", "[")
