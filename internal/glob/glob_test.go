package glob

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

var patterns = map[string][2][]string{ // what matches, and what does not
	"api":     {{"api"}, {"", "apis", "api.a"}},
	"api.*":   {{"api.a", "api.a.b", "api."}, {"api", "xapi.a", "apia"}},
	"*":       {{"", "a", "a.b"}, nil},
	"*.db":    {{"a.db", "a.b.db"}, {"db", "a.dbx"}},
	"a*a":     {{"aa", "aba"}, {"a", "ab"}},
	"a*b*c":   {{"abc", "axbxc", "abbcc"}, {"acb", "ab", "bc"}},
	"a**c":    {{"ac", "abc"}, {"a"}},
	"":        {{""}, {"a"}},
	"*.api.*": {{"a.api.b"}, {"api.b", "a.api", ".api"}},
}

func TestMatches(t *testing.T) {
	for text, names := range patterns {
		p := New(text)
		for _, name := range names[0] {
			assert.True(t, p.Matches(name), "%q %q", text, name)
		}
		for _, name := range names[1] {
			assert.False(t, p.Matches(name), "%q %q", text, name)
		}
	}
}

func FuzzMatches(f *testing.F) {
	for text, names := range patterns {
		for _, name := range append(names[0], names[1]...) {
			f.Add(text, name)
		}
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		if len(text) > 40 || len(name) > 200 {
			t.Skip("the reference is slow")
		}
		p := New(text)
		if got, want := p.Matches(name), matchesByTable(text, name); got != want {
			t.Fatalf("%q matches %q: %v, want %v", text, name, got, want)
		}
	})
}

// matchesByTable fills in, for each beginning of the pattern, which beginnings of the
// name it matches.
func matchesByTable(pattern, name string) bool {
	row := make([]bool, len(name)+1)
	row[0] = true
	for i := range len(pattern) {
		next := make([]bool, len(name)+1)
		for j := range row {
			switch {
			case pattern[i] == '*':
				next[j] = row[j] || j > 0 && next[j-1]
			case j > 0:
				next[j] = row[j-1] && name[j-1] == pattern[i]
			}
		}
		row = next
	}
	return row[len(name)]
}
