package secrets

import "strings"

// value says what is known about a value before it is read.
type value struct {
	rule       *KeyRule
	header     bool // it follows "Name:", so it may be a header
	quotedName bool // its name is in quotes, as in JSON
	encoded    bool // it is percent-encoded
}

// valueStart skips what may stand between the sign and the value: blanks, the rest of := => == ::, and
// the asterisks of bold type where the name is in it.
func valueStart(s string, i int, bold bool) int {
	for n := 0; n < 3 && bold && i < len(s) && s[i] == '*'; n++ {
		i++
	}
	for n := 0; n < 8 && i < len(s) && strings.IndexByte(" \t=>:", s[i]) >= 0; n++ {
		i++
	}
	return i
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

// findValue returns the extent of the value that begins at i, without its quotes, or nothing where
// there is nothing to hide.
func findValue(s string, i int, v value) (start, end int) {
	if i == len(s) {
		return 0, 0
	}
	if strings.HasPrefix(s[i:], Mask) {
		if rest := i + len(Mask); rest < len(s) && alnum[s[rest]] { // a secret that somebody else hid in part
			return i, v.plainEnd(s, rest)
		}
		return 0, 0
	}
	if open := quoteAt(s, i); open > i {
		end = quoteEnd(s, i, open)
		if s[open:end] == Mask {
			return 0, 0
		}
		if letter[s[i]] { // part of the literal or of the secret
			return i, end
		}
		return open, end
	}
	if end = compositeEnd(s, i); end > i {
		if end < len(s) && !closes(s, end) { // no list after all: a password with brackets in it
			end = v.plainEnd(s, end)
		}
		return i, end
	}
	end = v.plainEnd(s, i)
	word := s[i:end]
	if v.rule.line {
		head := s[:min(len(s), i+maxHead)]
		if v.wholeLine(s[i:lineEnd(head, i)], word) {
			return i, lineEnd(s, i)
		}
	}
	if word == "" || nothing(word) || v.rule.weak && !v.quotedName && !looksRandom(word) {
		return 0, 0
	}
	return i, end
}

// maxHead is how much of a line is looked at to tell what it is.
const maxHead = 256

// wholeLine tells a header from a sentence that begins with the same word: a cookie has a '=' in it,
// credentials follow a scheme or look random.
func (v value) wholeLine(line, word string) bool {
	switch v.rule.Name {
	case "cookie", "cookies":
		return v.header && strings.IndexByte(line, '=') >= 0
	case "authorization":
		return hasScheme(line) || looksRandom(word)
	}
	return line != ""
}

// nothing tells the words that stand for no value, or for the type of one in a schema.
func nothing(word string) bool {
	word = strings.TrimRight(word, ",;)")
	if len(word) > 9 {
		return false
	}
	for _, w := range [...]string{"", "null", "nil", "none", "true", "false", "undefined", "string", "str", "boolean", "bool", "{", "["} {
		if strings.EqualFold(word, w) {
			return true
		}
	}
	return false
}

// maxSlashes is how many backslashes may escape a quote: as many as JSON in JSON needs, six levels deep.
const maxSlashes = 64

// quoteAt returns where a quoted value that begins at i begins within its quotes, or i. Quotes may be
// escaped, and be preceded by one or two letters that tell a kind of string literal (b'x', rb"x").
func quoteAt(s string, i int) int {
	k := literalLetter.runMax(s, i, 2)
	for n := 0; n < maxSlashes && k < len(s) && s[k] == '\\'; n++ {
		k++
	}
	if k < len(s) && isQuote(s[k]) {
		return k + 1
	}
	return i
}

var literalLetter = chars("bBfFrRuUnN")

// quoteEnd returns the end of the quoted text that begins at open, its quote being s[open-1]: the next
// quote that is escaped as often as that one, or the end of s.
func quoteEnd(s string, i, open int) int {
	quote, depth := s[open-1], 0
	for k := open - 2; k >= i && s[k] == '\\'; k-- {
		depth++
	}
	slashes := 0
	for k := open; k < len(s); k++ {
		switch {
		case s[k] == '\\':
			slashes++
			continue
		case s[k] == quote && slashes%(2*depth+2) == depth:
			if depth > 0 || k == open || k+1 == len(s) || s[k+1] != quote {
				return k - depth
			}
			k++ // doubled, as SQL and CSV escape it
		}
		slashes = 0
	}
	return len(s)
}

// quoted returns the place of the last byte of the quoted text that begins at i, or i where none does.
func quoted(s string, i int) int {
	open := quoteAt(s, i)
	if open == i {
		return i
	}
	return quoteEnd(s, i, open) + open - i - 1
}

// compositeEnd returns the end of a list, an object or a Go literal of one (T{…}, []T{…}, map[K]T{…})
// that begins at i, or i.
func compositeEnd(s string, i int) int {
	end := i
	for {
		k := typeChar.runMax(s, end, 2*maxName)
		switch {
		case k < len(s) && s[k] == '{', k < len(s) && s[k] == '[' && (k == i || end > i || k-i == len("map") && hasFold(s, i, "map")):
			end = bracketEnd(s, k)
		default:
			return end
		}
	}
}

var typeChar = chars("0-9A-Za-z_.*&")

// bracketEnd returns the end of the list or object that begins at i, or of s where it is not closed.
// Brackets within double quotes do not count.
func bracketEnd(s string, i int) int {
	depth := 0
	for ; i < len(s); i++ {
		switch s[i] {
		case '"', '\\':
			i = quoted(s, i)
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}

// plainEnd returns the end of a value that is not in quotes. A quote, a comma or the like ends it only
// where something else begins behind it: a password may hold any of them.
func (v value) plainEnd(s string, i int) int {
	for ; i < len(s); i++ {
		switch c := s[i]; c {
		case '"', '\'', '`':
			if closes(s, i+1) {
				return i
			}
		case '\\':
			if i+1 < len(s) && (isQuote(s[i+1]) && closes(s, i+2) || s[i+1] == 'n' || s[i+1] == 'r') {
				return i
			}
		case '%':
			if v.encoded && (hasFold(s, i, "%26") || hasFold(s, i, "%20")) {
				return i
			}
		case ',', ';', '&':
			if v.quotedName || pairFollows(s, i+1) {
				return i
			}
		case '}', ']':
			if v.quotedName {
				return i
			}
		default:
			if c <= ' ' || c == 0x7f {
				return i
			}
		}
	}
	return i
}

// closes reports whether the quote or bracket before s[i] can be a closing one.
func closes(s string, i int) bool {
	return i >= len(s) || s[i] <= ' ' || strings.IndexByte(",;:)]}>&/\\\"'`?!", s[i]) >= 0
}

// pairFollows reports whether s[i:] is empty, or begins with white space, a quote or another pair.
func pairFollows(s string, i int) bool {
	if i >= len(s) || s[i] <= ' ' || isQuote(s[i]) || s[i] == '\\' {
		return true
	}
	end := nameChar.runMax(s, i, maxName)
	return end > i && end < len(s) && (s[end] == '=' || s[end] == ':')
}

// lineEnd returns the end of the line, real or escaped, that s[i] is on. A quote ends it too, unless it
// belongs to a value of the line (a="b c").
func lineEnd(s string, i int) int {
	for ; i < len(s); i++ {
		switch c := s[i]; c {
		case '\n', '\r':
			return i
		case '\\', '"', '\'', '`':
			if c == '\\' && i+1 < len(s) && (s[i+1] == 'n' || s[i+1] == 'r') {
				return i
			}
			open := quoteAt(s, i)
			switch {
			case open == i:
			case i > 0 && s[i-1] == '=':
				i = quoted(s, i)
			case closes(s, open):
				return i
			}
		}
	}
	return len(s)
}
