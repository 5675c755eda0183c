package secrets

import "strings"

// The judges tell a secret from any other value by how it looks. At most checkLen bytes of it are looked at.

// looks is what a text is made of.
type looks struct {
	upper, lower, digits int
	turns                int // from capitals, small letters or digits to another of them, whatever is between
	humps                int // capitals right after small letters
	edges                int // between a letter and a digit beside it
	heads                int // digits right behind what is neither
}

func (l looks) letters() int { return l.upper + l.lower }

// look counts what s is made of.
func look(s string) (l looks) {
	const sign, capital, small, number = 0, 1, 2, 3
	class, last := sign, sign
	for i := range len(s) {
		before := class
		switch c := s[i]; {
		case isUpper(c):
			class = capital
			l.upper++
		case isLower(c):
			class = small
			l.lower++
		case digit[c]:
			class = number
			l.digits++
		default:
			class = sign
			continue
		}
		if class != last {
			l.turns++
		}
		last = class
		switch {
		case before == sign:
			if class == number && i > 0 {
				l.heads++
			}
		case (class == number) != (before == number):
			l.edges++
		case class < before:
			l.humps++
		}
	}
	return l
}

// mixed reports whether capitals, small letters and digits take turns as only random text has it.
func mixed(s string) bool {
	l := look(s)
	return l.upper > 0 && l.lower > 0 && l.digits > 0 && l.turns >= 6 && 4*l.turns >= l.letters()+l.digits
}

// lowerMixed is mixed for text without capitals, or without small letters.
func lowerMixed(s string) bool {
	l := look(s)
	return l.letters() > 1 && l.digits > 1 && l.edges+l.heads >= 3
}

// random tells the value of a key from a word: it has digits among its letters, capitals after small letters,
// or is longer than words are.
func random(v string) bool {
	v = v[:min(len(v), checkLen)]
	l := look(v)
	return len(v) >= 6 && (l.digits > 0 && l.letters() > 0 || l.digits >= 6 || l.humps > 0 && l.letters() == len(v) && len(v) >= 12) || len(v) >= 20 && notPath(v) && strings.IndexByte(v, '.') < 0
}

// strong is random beyond doubt: long, and of capitals, small letters and digits in turns, or of many hexadecimal
// digits. What has a form of its own, as a path or a URL, is none.
func strong(v string) bool {
	if len(v) < 12 {
		return false
	}
	v = v[:min(len(v), checkLen)]
	if eq := strings.IndexAny(v, "=:"); eq > 0 && eq < 8 && len(v)-eq > 12 { // sha256=…, base64:…
		v = v[eq+1:]
	}
	run := base64any.run(v, 0)
	if run < len(v) && v[run] != ',' && v[run] != ';' && v[run] != '.' {
		return false
	}
	v = v[:run]
	if run < 12 || v[0] == '/' || strings.HasPrefix(v, "0x") && len(v) <= 18 {
		return false
	}
	return mixed(v) && strings.Count(v, "/") <= len(v)/16 || hexDigit.run(v, 0) == len(v) && len(v) >= 32 && hasDigit(v) || len(v) >= 24 && alnum.run(v, 0) == len(v) && lowerMixed(v)
}

// notPath keeps PWD=/home/x and C:\Users out.
func notPath(v string) bool {
	return v != "" && v[0] != '/' && v[0] != '~' && v[0] != '.' && !(len(v) > 2 && letter[v[0]] && v[1] == ':' && (v[2] == '\\' || v[2] == '/'))
}

// pinLike is a number of four to twelve digits, or random.
func pinLike(v string) bool {
	n := digit.run(v, 0)
	return n == len(v) && n >= 4 && n <= 12 || strong(v)
}

// manyDigits is a value with at least six digits.
func manyDigits(v string) bool { return look(v[:min(len(v), checkLen)]).digits >= 6 }

// secretWord tells a secret that stands in a sentence from the words of the sentence. After a name and a colon Go
// programs write what went wrong, so numbers, words, addresses, paths and types are none, and neither is what
// a colon follows.
func secretWord(word string, follows bool) bool {
	word = strings.TrimRight(word, ".,;)!?]}")
	if len(word) < 4 || word[len(word)-1] == ':' || strings.Contains(word, "://") || !notPath(word) || strings.HasPrefix(word, "0x") && len(word) <= 18 {
		return false
	}
	head := word[:min(len(word), checkLen)]
	if dot := strings.IndexAny(head, ".:"); dot >= 0 && strings.IndexByte(head[dot:], '@') > 0 { // android.os.BinderProxy@2bd79ce, someone@example.com
		return false
	}
	l := look(head)
	dots, other := 0, 0
	for i := range len(head) {
		switch c := head[i]; {
		case c == '.' || c == ':':
			dots++
		case !alnum[c] && strings.IndexByte("_-/'(", c) < 0:
			other++
		}
	}
	switch {
	case l.digits == 0:
		return other > 0 && l.letters() > 0 && dots == 0 && len(head) >= 8 && !follows && strings.IndexByte("<{[%$*(", head[0]) < 0 || len(head) >= 24 && l.humps >= 4 && dots == 0
	case l.letters() == 0:
		return l.digits >= 4 && l.digits+other == len(head) && !follows
	case dots > 0: // 10.2.3.4:80, config.go:12, v1.2.3, 1.5ms
		return strong(strings.ReplaceAll(word, ".", "")) || mixed(head) && len(head) >= 16
	}
	if strings.IndexByte(head, '/') > 0 && !mixed(head) {
		return false
	}
	if l.edges == 1 && len(head) <= 8 { // sha256, 10s, 4xx: or a simple password
		return !follows && digit[head[len(head)-1]] && len(head) > 5 && l.letters() > 3
	}
	return true
}
