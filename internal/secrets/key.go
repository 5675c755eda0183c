package secrets

import "strings"

// KeyRule is one name that secrets stand under. A name is compared in lower case and without
// separators: "apikey" stands for api_key, ApiKey, API-KEY and api.key.
type KeyRule struct {
	// Name is the name to look for, in small letters only.
	Name string
	// Where tells which part of a name it must be.
	Where Where
	// Kind tells secrets from personal data.
	Kind Kind

	// judge decides by the value; nil takes any.
	judge func(value string) bool
	// path: a value that is the path of a file is none.
	path bool
	// pin: its values may be numbers.
	pin bool
	// weak names also head ordinary sentences ("session: Monday"): in running text only a value
	// that looks random is hidden. As the name of a field they count like any other.
	weak bool
	// line: in running text, as a header, the value goes to the end of the line.
	line bool
}

// Where tells which part of a name a [KeyRule] looks at.
type Where uint8

const (
	// Whole is the entire name.
	Whole Where = iota
	// Tail is the last word or words of a name: pwd in db_pwd, but not in cwdpwd.
	Tail
	// End is the end of a name, within a word or not: apikey in GEMINIAPIKEY.
	End
	// Word is a word anywhere in a name: password in password_hash. Names that only speak about the
	// secret (password_length) are left out.
	Word
)

// Key reports whether a value of this name is a secret. It allocates nothing.
func Key(name string) bool { return KeyOf(name, Secret) }

// KeyOf reports whether any value of this name is of one of the given kinds.
func KeyOf(name string, kinds Kind) bool {
	r := keyRule(name)
	return r != nil && r.Kind&kinds != 0 && r.judge == nil
}

// PairOf reports whether this value of this name is of one of the given kinds: that of a name that may mean
// other things has to look like a secret.
func PairOf(name, value string, kinds Kind) bool {
	r := keyRule(name)
	return r != nil && r.Kind&kinds != 0 && (r.judge == nil || r.judge(value)) && !(r.path && !notPath(value))
}

// JudgedOf reports whether values of this name are of one of the given kinds if they look like it, see [PairOf].
func JudgedOf(name string, kinds Kind) bool {
	r := keyRule(name)
	return r != nil && r.Kind&kinds != 0 && r.judge != nil
}

// maxName is how many letters and digits of a name are looked at, from its end.
const maxName = 64

// keyName is a name made comparable.
type keyName struct {
	buf    [maxName]byte
	n      int
	starts uint64 // bit i: a word begins at buf[i]
}

// parse fills k with the letters and digits of name, in lower case. A word begins after a separator and
// where camelCase says so; digits at the end ("password2") are dropped.
func (k *keyName) parse(name string) {
	end := len(name)
	for end > 0 && !letter[name[end-1]] && name[end-1] < 0x80 {
		end--
	}
	name = name[:end]
	from, n := end, 0
	for from > 0 && n < maxName {
		from--
		if alnum[name[from]] || name[from] >= 0x80 {
			n++
		}
	}
	newWord := true
	for i := from; i < len(name); i++ {
		c := name[i]
		if c >= 0x80 {
			if n := unseen(name[i:]); n > 0 {
				i += n - 1
				continue
			}
		}
		if !alnum[c] && c < 0x80 {
			newWord = true
			continue
		}
		if i > 0 && (c >= 0x80) != (name[i-1] >= 0x80) || i > 0 && isUpper(c) && (isLower(name[i-1]) || i+1 < len(name) && isLower(name[i+1])) {
			newWord = true
		}
		if newWord {
			k.starts |= 1 << k.n
			newWord = false
		}
		k.buf[k.n] = lower(c)
		k.n++
	}
}

// unseen returns the length of the character without a width that s begins with, or 0: U+00AD, U+200B to U+200F,
// U+2060 to U+2064, U+FEFF.
func unseen(s string) int {
	switch {
	case len(s) > 1 && s[0] == 0xC2 && s[1] == 0xAD:
		return 2
	case len(s) > 2 && (s[0] == 0xE2 && (s[1] == 0x80 && s[2] >= 0x8B && s[2] <= 0x8F || s[1] == 0x81 && s[2] >= 0xA0 && s[2] <= 0xA4) || s[0] == 0xEF && s[1] == 0xBB && s[2] == 0xBF):
		return 3
	}
	return 0
}

// unseenBefore is unseen for the character that ends right before s[i].
func unseenBefore(s string, i int) int {
	for n := 3; n > 1; n-- {
		if i >= n && unseen(s[i-n:i]) == n {
			return n
		}
	}
	return 0
}

// keyRule returns the rule that a name falls under, or nil. Most names are none at a glance and are not
// even taken apart.
func keyRule(name string) *KeyRule {
	last, end := keyIndex.mayEnd(name)
	word := keyIndex.mayHold(name)
	if !end && !word {
		return nil
	}
	var k keyName
	var judged *KeyRule
	for _, r := range keyIndex.ends[last] {
		if !end || judged != nil && r.judge != nil || !endsAs(name, r.Name) {
			continue
		}
		if k.n == 0 {
			k.parse(name)
		}
		if k.n < 2 || !r.hits(&k) {
			continue
		}
		if r.judge == nil {
			return r
		}
		judged = r
	}
	if word {
		if k.n == 0 {
			k.parse(name)
		}
		for _, r := range keyIndex.words {
			if k.hasWord(r.Name) {
				return r
			}
		}
	}
	return judged
}

// endsAs reports whether the letters and digits that a name ends with are those of a rule.
func endsAs(name, rule string) bool {
	i := len(name)
	for i > 0 && !letter[name[i-1]] && name[i-1] < 0x80 {
		i--
	}
	for k := len(rule); k > 0; {
		if i == 0 {
			return false
		}
		c := name[i-1]
		if c >= 0x80 {
			if n := unseenBefore(name, i); n > 0 {
				i -= n
				continue
			}
		}
		if i--; !alnum[c] && c < 0x80 {
			continue
		}
		if k--; lower(c) != rule[k] {
			return false
		}
	}
	return true
}

// mayEnd reports whether the last three letters of a name are those of some rule, and the index of the last two.
func (t *keyTable) mayEnd(name string) (last int, ok bool) {
	var tail [3]byte
	n := 0
	for i := len(name); i > 0 && n < len(tail); i-- {
		c := name[i-1]
		if c >= 0x80 {
			if unseen := unseenBefore(name, i); unseen > 0 {
				i -= unseen - 1
				continue
			}
		}
		if letter[c] || c >= 0x80 || n > 0 && digit[c] {
			tail[n] = lower(c)
			n++
		}
	}
	last = index5(tail[0], tail[1])
	return last, t.tails[last]>>(tail[2]&31)&1 == 1
}

// mayHold reports whether the first four letters of some rule for [Word] are in the name.
func (t *keyTable) mayHold(name string) bool {
	for i := 0; i+4 <= len(name); i++ {
		if !t.heads[name[i]] {
			continue
		}
		for _, r := range t.words {
			if hasFold(name, i, r.Name[:4]) {
				return true
			}
		}
	}
	return false
}

// mayName reports whether the name that ends before the sign at s[i] may end as one of a rule does. It is asked at
// every colon and equals sign of a text, and says no to nearly all. Names that only hold the word of a rule are found
// by that word, see findPhrase.
func (t *keyTable) mayName(s string, i int) bool {
	k := i - 1
	if k > 2 && isQuote(s[k]) {
		k--
	}
	if k > 1 && letter[s[k]] && letter[s[k-1]] && letter[s[k-2]] {
		return t.tails[index5(s[k], s[k-1])]>>(s[k-2]&31)&1 == 1
	}
	return t.mayEndAt(s, i)
}

// mayEndAt is mayName for a name that does not end in three letters and a quote.
func (t *keyTable) mayEndAt(s string, i int) bool {
	var tail [3]byte
	n, k := 0, i-1
	if k >= 0 && (s[k] == ';' || s[k] == '2' || s[k] == '7') { // an encoded quote
		k = quoteBefore(s, i) - 1
	}
	for low := max(0, i-24); k >= low && n < len(tail); k-- {
		if s[k] >= 0x80 {
			if unseen := unseenBefore(s, k+1); unseen > 0 {
				k -= unseen - 1
				continue
			}
		}
		if c := s[k]; letter[c] || c >= 0x80 {
			tail[n] = lower(c)
			n++
		} else if n > 0 && (!nameChar[c] || digit[c]) {
			break
		}
	}
	if n < 3 {
		return n == 1 && strings.IndexByte("kdpqm", tail[0]) >= 0 || n == 2
	}
	return t.tails[index5(tail[0], tail[1])]>>(tail[2]&31)&1 == 1
}

// index5 makes an index of the low five bits of two letters.
func index5(a, b byte) int { return int(a&31)<<5 | int(b&31) }

// hits reports whether the name ends as a rule for Whole, Tail or End says.
func (r *KeyRule) hits(k *keyName) bool {
	at := k.n - len(r.Name)
	if at < 0 || string(k.buf[at:k.n]) != r.Name || r.Where == Whole && at > 0 || r.Where == Tail && k.starts>>at&1 == 0 {
		return false
	}
	switch r.Name {
	case "token":
		return !k.follows(at, plainToken)
	case "key", "keys":
		return at > 0 && !k.follows(at, plainKey)
	}
	return true
}

// hasWord reports whether w is a word of the name, and not only spoken about.
func (k *keyName) hasWord(w string) bool {
	for i := 0; i+len(w) <= k.n; i++ {
		end := i + len(w)
		if k.starts>>i&1 == 1 && string(k.buf[i:end]) == w && (end == k.n || k.starts>>end&1 == 1) {
			return !aboutSecret[string(k.buf[k.lastWord(k.n):k.n])]
		}
	}
	return false
}

// lastWord returns where the last word before end begins, or -1 where there is none.
func (k *keyName) lastWord(end int) int {
	i := end - 1
	for i > 0 && k.starts>>i&1 == 0 {
		i--
	}
	return i
}

// follows reports whether the word before at is one of those. They tell the tokens of a language model and of
// paging from those that give access (time_to_first_token, nextPageToken), and the keys of a table (cache_key).
func (k *keyName) follows(at int, list words) bool {
	i := k.lastWord(at)
	return i >= 0 && list[string(k.buf[i:at])]
}

var letter = chars("A-Za-z")

// keyIndex is the table by how it is looked up.
var keyIndex = indexKeys(keyRules)

type keyTable struct {
	ends  [1 << 10][]*KeyRule // by the last two letters
	words []*KeyRule
	tails [1 << 10]uint32 // by the last two letters: those before them, as bits
	heads charset         // the first letters of words
}

func indexKeys(rules []KeyRule) *keyTable {
	t := &keyTable{}
	for i := range rules {
		r := &rules[i]
		if r.Where == Word {
			t.words = append(t.words, r)
			t.heads[r.Name[0]] = true
			t.heads[r.Name[0]-'a'+'A'] = true
			continue
		}
		t.addTail(r.Name)
		n := len(r.Name)
		last := index5(r.Name[n-1], r.Name[n-2])
		t.ends[last] = append(t.ends[last], r)
	}
	for _, name := range [...]string{"value", "code"} { // see textRule
		t.addTail(name)
	}
	return t
}

func (t *keyTable) addTail(name string) {
	n := len(name)
	if n == 2 { // any letter before it, or none
		t.tails[index5(name[1], name[0])] = 1<<32 - 1
		return
	}
	t.tails[index5(name[n-1], name[n-2])] |= 1 << (name[n-3] & 31)
}
