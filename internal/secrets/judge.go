package secrets

import "strings"

// The judges tell a secret from any other value by how it looks. At most checkLen bytes of it are looked at.

// random tells the value of a key from a word: it has digits among its letters, capitals after small letters,
// or is longer than words are.
func random(v string) bool {
	v = v[:min(len(v), checkLen)]
	digits, letters, hump, turns := 0, 0, false, 0
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case digit[c]:
			digits++
			if i > 0 && letter[v[i-1]] {
				turns++
			}
		case letter[c]:
			letters++
			hump = hump || i > 0 && isUpper(c) && isLower(v[i-1])
		}
	}
	return len(v) >= 6 && (digits > 0 && letters > 0 || digits >= 6 || hump && letters == len(v) && len(v) >= 12) || len(v) >= 20 && notPath(v) && strings.IndexByte(v, '.') < 0
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
func manyDigits(v string) bool {
	n := 0
	for i := 0; i < len(v) && i < checkLen; i++ {
		if digit[v[i]] {
			n++
		}
	}
	return n >= 6
}

// secretWord tells a secret that stands in a sentence from the words of the sentence. After a name and a colon Go
// programs write what went wrong, so numbers, words, addresses, paths and types are none, and neither is what
// a colon follows.
func secretWord(word string, follows bool) bool {
	word = strings.TrimRight(word, ".,;)!?]}")
	if len(word) < 4 || word[len(word)-1] == ':' || strings.Contains(word, "://") || !notPath(word) || strings.HasPrefix(word, "0x") && len(word) <= 18 {
		return false
	}
	head := word[:min(len(word), checkLen)]
	digits, letters, other, turns, dots, hump := 0, 0, 0, 0, 0, 0
	for i := 0; i < len(head); i++ {
		switch c := head[i]; {
		case digit[c]:
			digits++
			if i > 0 && letter[head[i-1]] {
				turns++
			}
		case letter[c]:
			letters++
			if i > 0 && digit[head[i-1]] {
				turns++
			}
			if i > 0 && isUpper(c) && isLower(head[i-1]) {
				hump++
			}
		case c == '.' || c == ':':
			dots++
		case c == '@' && dots > 0: // android.os.BinderProxy@2bd79ce, someone@example.com
			return false
		case c != '_' && c != '-' && c != '/' && c != '\'' && c != '(':
			other++
		}
	}
	switch {
	case digits == 0:
		return other > 0 && letters > 0 && dots == 0 && len(head) >= 8 && !follows && strings.IndexByte("<{[%$*(", head[0]) < 0 || len(head) >= 24 && hump >= 4 && dots == 0
	case letters == 0:
		return digits >= 4 && digits+other == len(head) && !follows
	case dots > 0: // 10.2.3.4:80, config.go:12, v1.2.3, 1.5ms
		return strong(strings.ReplaceAll(word, ".", "")) || mixed(head) && len(head) >= 16
	}
	if strings.IndexByte(head, '/') > 0 && !mixed(head) {
		return false
	}
	if turns == 1 && len(head) <= 8 { // sha256, 10s, 4xx: or a simple password
		return !follows && digit[head[len(head)-1]] && len(head) > 5 && letters > 3
	}
	return true
}
