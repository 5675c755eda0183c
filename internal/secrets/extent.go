package secrets

import "strings"

// The functions of this file tell how far a value goes: to the quote or bracket that closes it, to the end of its line
// or word.

// maxSlashes is how many backslashes may escape a quote: as many as JSON in JSON needs, six levels deep.
const maxSlashes = 64

// quoteAt returns where a quoted value that begins at i begins within its quotes, or i. Quotes may be
// escaped, and be preceded by one or two letters that tell a kind of string literal (b'x', rb"x").
func quoteAt(s string, i int) int {
	if i >= len(s) {
		return i
	}
	if next := at(s, i+1); s[i] == '&' || s[i] == '%' || s[i] == '\\' && (next == 'u' || next == '\\') {
		k := i
		for n := 0; n < maxSlashes && k+1 < len(s) && s[k] == '\\' && s[k+1] == '\\'; n++ {
			k++
		}
		for _, q := range entities {
			if strings.HasPrefix(s[k:], q) {
				return k + len(q)
			}
		}
	}
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
	if !isQuote(s[open-1]) { // an entity: the next one of the same kind
		k := i
		for k < open && s[k] == '\\' && k+1 < open && s[k+1] == '\\' {
			k++
		}
		if end := strings.Index(s[open:], s[k:open]); end >= 0 {
			for end += open; end > open && s[end-1] == '\\'; end-- {
			}
			return end
		}
		return len(s)
	}
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
			if v.encoded && (hasFold(s, i, "%26") || hasFold(s, i, "%20") || hasFold(s, i, "%2526") || hasFold(s, i, "%22") || hasFold(s, i, "%7d")) {
				return i
			}
		case '<':
			if i+1 < len(s) && (s[i+1] == '/' || s[i+1] == '!') {
				return i
			}
		case ',', ';', '&':
			if c == '&' && (hasFold(s, i, "&quot;") || hasFold(s, i, "&#34;") || hasFold(s, i, "&lt;")) {
				return i
			}
			if v.quotedName || pairFollows(s, i+1) {
				return i
			}
		case '}', ']', ')':
			if v.quotedName && (c != ')' || closes(s, i+1)) || closes(s, i+1) && s[i+1:] != "" && s[i+1] != '\n' && v.prose {
				return i
			}
		default:
			if c <= ' ' || c == 0x7f {
				if after := skipAnsi(s, i); after > i && after < len(s) && alnum[s[after]] { // a part of it in another colour
					i = after
					continue
				}
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
