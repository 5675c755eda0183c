package secrets

import (
	"slices"
	"strings"
)

// The functions of this file tell which name stands before a sign, whatever surrounds it.

// pairName is the name before a sign.
type pairName struct {
	from, to int
	raw      int // where it begins if what looks like an escape before it (\t in C:\token) is part of it
	quoted   bool
}

func (n pairName) rule(s string, sign int) *KeyRule {
	if n.to-n.from > 2 {
		r := keyRule(s[n.from:n.to])
		if r == nil && n.raw < n.from {
			r = keyRule(s[n.raw:n.to])
		}
		if r != nil && r.judge == nil {
			return r
		}
		if s[n.from] >= 0x80 && s[n.to-1] < 0x80 { // a word of another script, glued to the name
			from := n.to
			for s[from-1] < 0x80 {
				from--
			}
			if ascii := keyRule(s[from:n.to]); ascii != nil {
				return ascii
			}
		}
		if t := n.textRule(s, sign); t != nil {
			return t
		}
		return r
	}
	if n.to-n.from == 2 {
		if r := keyRule(s[n.from:n.to]); r != nil {
			return r
		}
	}
	return n.textRule(s, sign)
}

// coloured finds the rule for a name that colour codes stand in, as those that mark what was searched for, or returns rule.
func (n pairName) coloured(s string, rule *KeyRule) *KeyRule {
	var scratch [maxName]byte
	name := append(scratch[:0], s[n.from:min(n.to, n.from+maxName)]...)
	for from := n.from; len(name) < maxName; {
		code := ansiBefore(s, from)
		if code == from {
			break
		}
		from = nameChar.before(s, code, maxName-len(name))
		from += escapeHead(s, from, code)
		name = slices.Insert(name, 0, []byte(s[from:code])...)
	}
	if len(name) == n.to-n.from {
		return rule
	}
	if r := keyRule(string(name)); r != nil && (rule == nil || r.judge == nil) {
		return r
	}
	return rule
}

// nameBefore returns the name that ends right before s[i], which may be in quotes, in brackets and
// quotes, and have blanks after it.
func nameBefore(s string, i int) pairName {
	var n pairName
	for k := 0; k < 8 && i > 0; k++ {
		switch c := s[i-1]; {
		case isBlank(c), c == '*':
			i--
		case c == 'm':
			esc := ansiBefore(s, i)
			if esc == i {
				k = 8
			}
			i = esc
		default:
			k = 8
		}
	}
	if i > 0 && (s[i-1] == ']' || s[i-1] == ')') {
		i--
		n.quoted = i > 0 && nameChar[s[i-1]] && s[i] == ']' // [authorization] => x
	}
	if q := quoteBefore(s, i); q < i {
		n.quoted = true
		i = q
	}
	n.to = i
	for i > 0 && n.to-i < 2*maxName && nameChar[s[i-1]] {
		i--
	}
	n.raw, n.from = i, i+escapeHead(s, i, n.to)
	return n
}

// quoteBefore returns where the quote begins that ends right before s[i], however it is escaped, or i.
func quoteBefore(s string, i int) int {
	if i == 0 {
		return i
	}
	switch s[i-1] {
	case '"', '\'', '`':
		i--
	case ';', '2', '7':
		entity := false
		for _, q := range entities {
			if strings.HasSuffix(s[:i], q) {
				i, entity = i-len(q), true
				break
			}
		}
		if !entity {
			return i
		}
	default:
		return i
	}
	for n := 0; n < maxSlashes && i > 0 && s[i-1] == '\\'; n++ {
		i--
	}
	return i
}

// entities are quotes as HTML, URLs and JSON write them.
var entities = [...]string{"&quot;", "&#34;", "&#39;", "&#x27;", "%22", "%27", "%2522", "\\u0022", "\\u0027"}

// ansiBefore returns where the terminal's colour code begins that ends right before s[i], or i.
func ansiBefore(s string, i int) int {
	k := ansiChar.before(s, i-1, 10)
	if k < 2 || s[k-1] != '[' {
		return i
	}
	for _, esc := range escapes {
		if e := k - 1 - len(esc); e >= 0 && hasFold(s, e, esc) {
			return e
		}
	}
	return i
}

var (
	escapes  = [...]string{"\x1b", `\u001b`, `\x1b`}
	ansiChar = chars("0-9;")
)

// skipAnsi skips the colour codes at s[i].
func skipAnsi(s string, i int) int {
	for n := 0; n < 4 && i < len(s) && (s[i] == 0x1b || s[i] == '\\'); n++ {
		next := i
		for _, esc := range escapes {
			if k := i + len(esc); hasFold(s, i, esc) && at(s, k) == '[' {
				if k = ansiChar.run(s, k+1); at(s, k) == 'm' {
					next = k + 1
				}
			}
		}
		if next == i {
			break
		}
		i = next
	}
	return i
}

// escapeHead returns how many of the bytes from s[i] on belong to an escape that begins before them,
// and so to no name: 1 for \n, 5 for \u0026, 3 for ESC [ 3 1 m.
func escapeHead(s string, i, to int) int {
	if i == 0 {
		return 0
	}
	switch s[i-1] {
	case '\\', '%':
		for k := 1; k <= 5 && i+k <= to; k++ {
			if escapeTail(s, i+k) == k {
				return k
			}
		}
	case '[', ';':
		if k := digit.runMax(s, i, 3); k < to && s[k] == 'm' && escapeTail(s, k+1) == 1 {
			return k + 1 - i
		}
	}
	return 0
}
