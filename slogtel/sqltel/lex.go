package sqltel

import "strings"

// A kind is that of a token.
type kind uint8

const (
	end     kind = iota
	space        // and comments
	word         // a keyword, a name or a placeholder
	quoted       // a name in quotes; double ones are a string in some databases
	literal      // a string or a number
	unclear      // from here on databases differ in where a literal or a comment ends
	other        // one byte
)

// lexer splits a statement into tokens, by the rules that databases have in common. The time it
// takes is linear, and every byte is in a token.
type lexer struct {
	s      string
	pos    int
	strict bool
}

// lex moves over a token.
func (l *lexer) lex() kind {
	if l.pos >= len(l.s) {
		return end
	}
	rest := l.s[l.pos:]
	c, second := rest[0], byte(0)
	if len(rest) > 1 {
		second = rest[1]
	}
	switch {
	case isSpace(c):
		return l.take(space, 1+span(rest[1:], isSpace))
	case c == '-' && second == '-':
		if len(rest) > 2 && !isSpace(rest[2]) && !l.strict { // two signs, to MySQL
			return l.take(unclear, lineEnd(rest))
		}
		return l.take(space, lineEnd(rest))
	case c == '#' && !l.strict:
		return l.take(space, lineEnd(rest))
	case c == '/' && second == '*':
		return l.comment(rest)
	case c == '\'':
		return l.string(rest)
	case c == '"' || c == '`':
		return l.name(rest)
	case c == '[' && !l.strict:
		// A name in brackets may have an apostrophe, which begins no string.
		if i := strings.IndexByte(rest, ']'); i > 0 && second != '\'' && second != '"' && strings.ContainsAny(rest[:i], `'"`) {
			return l.take(unclear, 1)
		}
	case isDigit(c) || c == '.' && isDigit(second):
		return l.take(literal, number(rest))
	case c == '$' && (second == '$' || isLetter(second)):
		return l.dollar(rest)
	case c == '$' || c == '?', c == ':' && (l.pos == 0 || !isWord(l.s[l.pos-1])), c == '@':
		if n := span(rest[1:], isWord); n > 0 || c == '?' {
			return l.take(word, 1+n)
		}
	case isLetter(c):
		return l.take(word, span(rest, isWord))
	}
	if c == ':' && second == ':' { // a cast, so that the type is no placeholder
		return l.take(other, 2)
	}
	return l.take(other, 1)
}

func (l *lexer) take(k kind, n int) kind {
	l.pos += min(n, len(l.s)-l.pos)
	return k
}

// comment is one of /* and */. One inside of another ends it in some databases.
func (l *lexer) comment(rest string) kind {
	i := strings.Index(rest[2:], "*/")
	if i < 0 {
		return l.take(space, len(rest))
	}
	if strings.Contains(rest[2:2+i], "/*") {
		return l.take(unclear, i+4)
	}
	return l.take(space, i+4)
}

// string is one in apostrophes, where two stand for one. A backslash before one escapes it
// after the prefix E, and elsewhere in some databases. Oracle's q'[…]' is no such string.
func (l *lexer) string(rest string) kind {
	prefix := byte(0)
	if l.pos > 0 && (l.pos == 1 || !isWord(l.s[l.pos-2])) {
		prefix = l.s[l.pos-1] | 0x20
	}
	return l.quotes(rest, '\'', prefix == 'e', literal, prefix == 'q')
}

// name is one in double quotes or backquotes.
func (l *lexer) name(rest string) kind { return l.quotes(rest, rest[0], false, quoted, false) }

func (l *lexer) quotes(rest string, quote byte, escapes bool, k kind, doubtful bool) kind {
	i := 1
	for ; i < len(rest); i++ {
		switch {
		case rest[i] == '\\' && escapes:
			i++
		case rest[i] == '\\' && i+1 < len(rest) && (rest[i+1] == quote || rest[i+1] == '\\') && quote != '`':
			doubtful = doubtful || k == literal || !l.strict
		case rest[i] == quote:
			if i+1 >= len(rest) || rest[i+1] != quote {
				if doubtful {
					k = unclear
				}
				return l.take(k, i+1)
			}
			i++
		}
	}
	return l.take(unclear, len(rest)) // it does not end
}

// dollar is a string between two of the same $tag$, or a placeholder such as $name.
func (l *lexer) dollar(rest string) kind {
	n := 1 + span(rest[1:], func(c byte) bool { return isWord(c) && c != '$' })
	if n == len(rest) || rest[n] != '$' {
		return l.take(word, n)
	}
	tag := rest[:n+1]
	i := strings.Index(rest[len(tag):], tag)
	if i < 0 {
		return l.take(literal, len(rest))
	}
	return l.take(literal, 2*len(tag)+i)
}

// number returns the length of a number, which has letters where it is hexadecimal or has an
// exponent.
func number(s string) int {
	hex := len(s) > 1 && s[1]|0x20 == 'x'
	i := 1
	for ; i < len(s); i++ {
		c := s[i]
		if (c == '+' || c == '-') && s[i-1]|0x20 == 'e' && !hex {
			continue
		}
		if c != '.' && !isWord(c) {
			break
		}
	}
	return i
}

func span(s string, in func(byte) bool) int {
	i := 0
	for i < len(s) && in(s[i]) {
		i++
	}
	return i
}

func lineEnd(s string) int {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return i
	}
	return len(s)
}

func isSpace(c byte) bool  { return c == ' ' || '\t' <= c && c <= '\r' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' || c >= 0x80 }
func isWord(c byte) bool   { return isLetter(c) || isDigit(c) || c == '$' }
