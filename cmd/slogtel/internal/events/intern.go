package events

// Bounds of what is interned: what comes after is a string of its own each time.
const (
	maxInterned     = 1 << 16
	maxInternedText = 8 << 20
)

// An interner makes the same string of the same bytes, and remembers of each whether
// it matches the pattern for scopes.
type interner struct {
	all   map[string]interned
	bytes int
	match func(string) bool
}

type interned struct {
	text  string
	match bool
}

func newInterner(match func(string) bool) *interner {
	return &interner{all: make(map[string]interned), match: match}
}

// get returns b as a string, and whether it matches.
func (in *interner) get(b []byte) (s string, match bool) {
	if known, ok := in.all[string(b)]; ok {
		return known.text, known.match
	}
	s = string(b)
	match = in.match(s)
	if len(in.all) < maxInterned && in.bytes+len(b) <= maxInternedText {
		in.all[s] = interned{s, match}
		in.bytes += len(b)
	}
	return s, match
}
