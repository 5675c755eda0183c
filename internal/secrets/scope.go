package secrets

import (
	"strings"
	"sync"
)

// Scope returns s, the path of a scope, with the tokens in it replaced by mask, and how many there were. Where there are none
// it returns s itself. A name becomes that of a scope in small letters, with an underscore for what is no letter or digit, and
// so does a token that somebody put into it: akia…, sk_proj_….
func Scope(s, mask string) (redacted string, n int) {
	sc := scanner{source: source{s, Secret}, rules: scopeTable()}
	m, ok := sc.next(0)
	if !ok {
		return s, 0
	}
	dst, n := sc.replace(nil, m, mask)
	return string(dst), n
}

// scopeTable is made of the tokens that are told by their prefix.
var scopeTable = sync.OnceValue(func() *table {
	var lowered []Rule
	for _, r := range tokenRules {
		l := Rule{Name: r.Name, Kind: r.Kind, Source: r.Source}
		for _, t := range r.tokens {
			prefix := strings.Map(func(c rune) rune {
				if c < 0x80 && (alnum[c] || c == '.') {
					return rune(lower(byte(c)))
				}
				return '_'
			}, t.prefix)
			if len(prefix) > 2 {
				l.tokens = append(l.tokens, word(prefix, scopeChar, max(t.min, 12), lowerMixed))
			}
		}
		lowered = append(lowered, l)
	}
	lowered = append(lowered, vendor("jwt", "RFC 7519", word("eyj", scopeChar, 24, lowerMixed)))
	return compile(lowered)
})

var scopeChar = chars("0-9a-z_")
