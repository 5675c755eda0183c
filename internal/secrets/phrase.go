package secrets

import "strings"

// findPhrase finds a secret that a sentence or a command names: the password is hunter2, password for bob: hunter2,
// machine x password hunter2, IDENTIFIED BY 'hunter2', | password | hunter2 |, AUTH hunter2. The anchor is inside
// the name.
func findPhrase(src source, i int) (start, end int) {
	s := src.s
	from, to := phraseName(s, i)
	if to == 0 {
		return 0, 0
	}
	if c := lower(s[i]); c == 's' || c == 'e' {
		if sign := signAfter(s, to); sign > 0 { // password_hash=…
			return src.pair(sign, sign, sign+1, false)
		}
	}
	if !wordStart(s, from) {
		return 0, 0
	}
	if start, end = src.placed(from, to); end > 0 || lower(s[i]) == 'h' || lower(s[i]) == 'k' && lower(s[i+1]) == 'i' { // authorization, cookie
		return start, end
	}
	name := s[from:to]
	k := to
	for n := 0; n < 8 && k < len(s) && (isBlank(s[k]) || s[k] == '|'); n++ {
		k++
	}
	if k == to && k < len(s) {
		return aloneOnLine(s, k)
	}
	if k == to || k == len(s) {
		return 0, 0
	}
	stated := strings.IndexByte(s[to:k], '|') >= 0
	if lower(name[0]) == 'r' || lower(name[0]) == 'm' && len(name) == len("masterauth") {
		stated = true // settings of Redis
	}
	if w := wordAt(s, k); w == "for" || w == "of" { // for bob:
		who := skipBlank(s, k+len(w))
		if next := wordAt(s, who); next == "user" || next == "account" {
			who = skipBlank(s, who+len(next))
		}
		whoEnd := nameChar.runMax(s, who, maxName)
		after := skipBlank(s, whoEnd)
		switch {
		case whoEnd == who || whoEnd == len(s):
			return 0, 0
		case s[whoEnd] == ':' && whoEnd+1 < len(s) && isBlank(s[whoEnd+1]):
			k, stated = skipBlank(s, whoEnd+1), true
		case wordAt(s, after) == "is":
			k, stated = skipBlank(s, after+2), true
		default:
			return 0, 0
		}
	} else if w == "WITH" && name == "IDENTIFIED" { // a plugin
		k = skipBlank(s, nameChar.runMax(s, skipBlank(s, k+len(w)), maxName))
		if wordAt(s, k) != "BY" {
			return 0, 0
		}
		k, stated = skipBlank(s, k+len("BY")), true
	} else if links.has(w) {
		for n := 0; n < 4 && links.has(w); n++ {
			k = skipBlank(s, k+len(w))
			w = wordAt(s, k)
		}
		stated = true
		if k < len(s) && s[k] == ':' {
			k = skipBlank(s, k+1)
			w = wordAt(s, k)
		}
		if w == "PASSWORD" {
			k = skipBlank(s, k+len(w))
		}
		if start, end = possessed(s, from, k); end > 0 {
			return start, end
		}
	} else if s[k] == '.' && k+1 < len(s) && isBlank(s[k+1]) { // (password . "hunter2")
		k = skipBlank(s, k+1)
	}
	if k == len(s) || name == "IDENTIFIED" && !stated || strings.HasPrefix(s[k:], Mask) {
		return 0, 0
	}
	if open := quoteAt(s, k); open > k {
		end = quoteEnd(s, k, open)
		if inside := s[open:end]; isUpper(name[0]) && isUpper(name[1]) || name[0] == 'i' && known(s, from, accountCommands) || strings.Contains(s[to:k], ".") || random(inside) && hasDigit(inside) ||
			stated && name[0]|0x20 == 'p' && len(inside) >= 6 && alnum.run(inside, 0) == len(inside) && !describes(inside) {
			if inside == "" || inside == Mask || strings.IndexByte(inside, ' ') >= 0 {
				return 0, 0
			}
			return open, end
		}
		return 0, 0
	}
	start, end = k, value{rule: spokenKey, quotedName: true}.plainEnd(s, k)
	word := s[start:end]
	if name == "AUTH" && letter.run(word, 0) == len(word) && end+1 < len(s) && s[end] == ' ' { // AUTH user password
		start = end + 1
		end = value{rule: spokenKey, quotedName: true}.plainEnd(s, start)
		if word = s[start:end]; !random(word) {
			return 0, 0
		}
	}
	follows := end+1 < len(s) && isBlank(s[end]) && letter[s[end+1]]
	if from > 0 && (s[from-1] == '[' || s[from-1] == '{') && end < len(s) && (s[end] == ']' || s[end] == '}') {
		stated = true
	}
	switch {
	case !secretWord(word, follows) || word[0] == '*' || end < len(s) && s[end] == ':':
	case stated, mixed(word), strong(word), len(word) >= 10 && alnum.run(word, 0) == len(word) && lowerMixed(word) && hexDigit.run(word, 0) < len(word), strings.HasPrefix(word, "0x"), name == "AUTH" || name == "PASS":
		return start, end
	}
	return 0, 0
}

// links are the words between the name of a secret and the secret.
var links = set("is", "was", "are", "were", "will", "should", "must", "be", "now", "equals", "set", "reset", "changed", "to", "by")

// possessed finds the word at s[k] that a sentence ends with which says what somebody's password is: my password is
// opensesame. Most such sentences say how it is instead, with a word that describes.
func possessed(s string, from, k int) (start, end int) {
	owner := from - 1
	for owner > 0 && letter[s[owner-1]] {
		owner--
	}
	if from == 0 || !owners.has(s[owner:max(owner, from-1)]) || lower(s[from]) != 'p' {
		return 0, 0
	}
	end = letter.runMax(s, k, 32)
	stop := end
	if at(s, stop) == '.' {
		stop++
	}
	if word := s[k:end]; stop < len(s) && lineBreak(s, stop) == 0 && !isQuote(s[stop]) || len(word) < 6 || describes(word) {
		return 0, 0
	}
	return k, end
}

var owners = set("my", "your", "our", "his", "her", "their", "temporary", "initial", "default", "new", "generated", "wifi", "admin", "root")

// describes reports whether a word tells how a secret is, or what it is in general.
func describes(word string) bool {
	if aboutFailure.has(word) || aboutSecret.has(word) || descriptions.has(word) {
		return true
	}
	for _, ending := range [...]string{"ed", "en", "ing", "able", "ible", "ful", "less", "ous", "ive", "al", "ary", "ory", "ant", "ent", "ly", "ish", "ic", "ete", "ate", "ure"} {
		if at := len(word) - len(ending); at > 0 && hasFold(word, at, ending) {
			return true
		}
	}
	return false
}

var descriptions = set("strong", "stronger", "longer", "shorter", "weaker", "better", "simple", "unique", "blank", "exactly", "nothing", "something", "someone",
	"anything", "everyone", "anyone", "nobody", "itself", "myself", "yourself", "theirs", "outdated", "obsolete", "plaintext", "random", "worthless", "useless",
	"already", "expiring", "leaked", "stolen", "public", "common", "unknown", "complex", "trivial", "always", "another", "almost", "because", "before", "behind",
	"either", "enough", "instead", "neither", "nowhere", "online", "offline", "rather", "really", "though", "through", "whatever", "without", "within", "unsafe", "password", "secret")

var accountCommands = []string{"user", "USER", "role", "ROLE", "grant", "GRANT"}

// aloneOnLine finds the secret that stands by itself on the line behind the line break at s[i].
func aloneOnLine(s string, i int) (start, end int) {
	if start = lineBreak(s, i); start == 0 {
		return 0, 0
	}
	start = skipBlank(s, start)
	end = value{rule: spokenKey}.plainEnd(s[:min(len(s), start+maxHead)], start)
	if word := s[start:end]; (end == len(s) || lineBreak(s, end) > 0) && hasDigit(word) && secretWord(word, false) && (mixed(word) || strong(word) || random(word) && strings.IndexByte(word, '-') < 0 && hexDigit.run(word, 0) < len(word)) {
		return start, end
	}
	return 0, 0
}

// signAfter returns where the sign stands behind a name that goes on at s[i], or 0.
func signAfter(s string, i int) int {
	end := nameChar.runMax(s, i, maxName)
	if end == i {
		return 0
	}
	for n := 0; n < 4 && end < len(s) && strings.IndexByte("\"'\\ ]", s[end]) >= 0; n++ {
		end++
	}
	if end < len(s) && (s[end] == '=' || s[end] == ':') {
		return end
	}
	return 0
}

// gridAt returns the grid in whose head the anchor s[i] is.
func (src source) gridAt(i int) grid {
	from, to := phraseName(src.s, i)
	return src.gridOf(nameChar.before(src.s, from, maxName), nameChar.runMax(src.s, to, maxName))
}

// phraseName returns the extent of the name of a secret around its letters s[i] and s[i+1].
func phraseName(s string, i int) (from, to int) {
	c := lower(s[i])
	for _, n := range phraseNames[c] {
		if from = i - n.at; from >= 0 && hasFold(s, from, n.word) {
			return from, from + len(n.word)
		}
	}
	switch c {
	case 's':
		if from = i - 2; from >= 0 && hasFold(s, from, "pass") && (s[from:from+4] == "PASS" || from > 0 && isBlank(s[from-1])) {
			return from, from + len("pass")
		}
	case 'k':
		if !hasFold(s, i, "key") {
			break
		}
		if (pairName{from: i}).spoken(s) {
			return i, i + len("key")
		}
		if from = nameChar.before(s, i, maxName); from < i || from > 0 && s[from-1] == '/' {
			return from, i + len("key")
		}
	case 'u':
		if from = i - 1; from >= 0 && strings.HasPrefix(s[from:], "AUTH ") && (from == 0 || s[from-1] == '\n' || isBlank(s[from-1]) || isQuote(s[from-1])) {
			return from, from + len("AUTH")
		}
	case 'f':
		if from = i - 6; from >= 0 && hasFold(s, from, "identified ") {
			return from, from + len("identified")
		}
	}
	return 0, 0
}

// anchored is a word with the place of its anchor.
type anchored struct {
	word string
	at   int
}

// phraseNames are the names that count whatever stands around them, by the letter of their anchor.
var phraseNames = [256][]anchored{
	's': {{"requirepass", 9}, {"storepass", 7}, {"keypass", 5}, {"password", 2}, {"passphrase", 2}, {"passwd", 2}, {"passcode", 2}},
	'e': {{"secret", 1}}, 'k': {{"cookie", 3}, {"token", 2}}, 'p': {{"pwd", 0}}, 'h': {{"authorization", 3}},
}

// wordAt returns the word that begins at s[i].
func wordAt(s string, i int) string {
	return s[i:letter.runMax(s, i, 16)]
}

// findCall finds the password among the arguments of a call: login("bob", "hunter2"), WithPassword("hunter2"). The anchor is the parenthesis.
func findCall(src source, i int) (start, end int) {
	s := src.s
	from := i
	for from > 0 && i-from < maxName && alnumUnder[s[from-1]] {
		from--
	}
	open := quoteAt(s, i+1)
	if open == i+1 || from == i {
		return 0, 0
	}
	if rule := keyRule(s[from:i]); rule != nil && rule.judge == nil && !rule.weak && rule.Kind&src.kinds != 0 {
		end = quoteEnd(s, i+1, open)
		if inside := s[open:end]; inside != "" && inside != Mask && strings.IndexByte(inside, ' ') < 0 && (mixed(inside) || rule.Name != "token") {
			return open, end
		}
		return 0, 0
	}
	if i-from >= 6 && hasFold(s, i-6, "client") {
		if end = quoteEnd(s, i+1, open); strong(s[open:end]) {
			return open, end
		}
	}
	if !takesPassword.has(s[from:i]) {
		return 0, 0
	}
	k := quoteEnd(s[:min(len(s), open+256)], i+1, open) + open - i - 1
	for k < len(s) && (s[k] == ',' || isBlank(s[k])) && k < open+300 {
		k++
	}
	if k >= len(s) {
		return 0, 0
	}
	if start = quoteAt(s, k); start == k {
		return 0, 0
	}
	end = quoteEnd(s, k, start)
	if s[start:end] == Mask || s[start:end] == "" {
		return 0, 0
	}
	return start, end
}

var takesPassword = set("login", "log_in", "signin", "sign_in", "authenticate", "basicauth", "setbasicauth", "plainauth", "basic_auth", "auth", "connect", "dbconnect")
