package secrets

// charset is a set of bytes.
type charset [256]bool

// chars builds a set from single characters and ranges such as "a-z"; a '-' at the end is itself.
func chars(spec string) *charset {
	var set charset
	for i := 0; i < len(spec); i++ {
		lo, hi := spec[i], spec[i]
		if i+2 < len(spec) && spec[i+1] == '-' {
			hi = spec[i+2]
			i += 2
		}
		for c := int(lo); c <= int(hi); c++ {
			set[c] = true
		}
	}
	return &set
}

// run returns the end of the run of characters of the set that begins at i.
func (set *charset) run(s string, i int) int {
	for i < len(s) && set[s[i]] {
		i++
	}
	return i
}

// runMax is run, but looks at no more than n bytes.
func (set *charset) runMax(s string, i, n int) int {
	return set.run(s[:min(len(s), i+n)], i)
}

var (
	digit       = chars("0-9")
	upper       = chars("A-Z")
	dot         = chars(".")
	hexDigit    = chars("0-9a-fA-F")
	hexDash     = chars("0-9a-fA-F-")
	notLetter   = chars("\x00-@[-`{-\xff")
	alnum       = chars("0-9A-Za-z")
	alnumUnder  = chars("0-9A-Za-z_")
	alnumDash   = chars("0-9A-Za-z-")
	alnumDollar = chars("0-9A-Za-z$")
	lowerNum    = chars("0-9a-z")
	upperNum    = chars("0-9A-Z")
	upperDash   = chars("0-9A-Z-")
	base64url   = chars("0-9A-Za-z_-")
	base64urlEq = chars("0-9A-Za-z_=-")
	dotted      = chars("0-9A-Za-z_.-")
	base64std   = chars("0-9A-Za-z+/=")
	base64any   = chars("0-9A-Za-z+/=_-")
	jwtBody     = chars("0-9A-Za-z_.=-")
	webhook     = chars("0-9A-Za-z/_-")
	webhookAt   = chars("0-9A-Za-z/@_-")
	percent     = chars("0-9A-Za-z%_-")
	token68     = chars("0-9A-Za-z._~+/=-") // RFC 9110, section 11.2
	nameChar    = chars("0-9A-Za-z_.\x80-\xff-")
)

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c |= 0x20
	}
	return c
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
func isBlank(c byte) bool { return c == ' ' || c == '\t' }
func isQuote(c byte) bool { return c == '"' || c == '\'' || c == '`' }

// hasFold reports whether s[i:] begins with word, which is in lower case, in any case.
func hasFold(s string, i int, word string) bool {
	if len(s)-i < len(word) {
		return false
	}
	for k := 0; k < len(word); k++ {
		if lower(s[i+k]) != word[k] {
			return false
		}
	}
	return true
}

// wordStart reports whether s[i] begins a word: no letter or digit stands before it, or one that only
// belongs to an escape (\n, \u0026, %3D) or to a terminal's colour code.
func wordStart(s string, i int) bool {
	if i == 0 || !alnum[s[i-1]] {
		return true
	}
	return i-escapeTail(s, i) < i
}

// escapeTail returns how many of the bytes right before s[i] are the letters and digits of an escape
// sequence: 1 for \n, 5 for \u0026, 3 for \x3d, 2 for %3D.
func escapeTail(s string, i int) int {
	switch {
	case i >= 2 && s[i-2] == '\\':
		switch s[i-1] {
		case 'n', 'r', 't', 'b', 'f', 'v', 'a', '0':
			return 1
		}
	case i >= 3 && s[i-3] == '%' && hexDigit[s[i-2]] && hexDigit[s[i-1]]:
		return 2
	}
	if i >= 4 && s[i-4] == '\\' && s[i-3] == 'x' && hexDigit[s[i-2]] && hexDigit[s[i-1]] {
		return 3
	}
	if i >= 6 && s[i-6] == '\\' && (s[i-5] == 'u' || s[i-5] == 'U') && hexDigit.run(s[:i], i-4) == i {
		return 5
	}
	if s[i-1] == 'm' { // ESC [ 1 ; 3 1 m
		for k := i - 2; k >= 0 && k > i-10; k-- {
			if s[k] == '[' {
				return 1
			}
			if !digit[s[k]] && s[k] != ';' {
				break
			}
		}
	}
	return 0
}
