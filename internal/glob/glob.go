// Package glob has the patterns that choose scopes.
package glob

import "strings"

// A Pattern is a text in which * stands for any number of any bytes.
type Pattern struct {
	prefix string
	middle []string // between the stars
	suffix string
	star   bool // if not, prefix is all
}

// New returns the pattern of a text.
func New(text string) Pattern {
	first, rest, star := strings.Cut(text, "*")
	p := Pattern{prefix: first, star: star}
	if star {
		p.middle = strings.Split(rest, "*")
		last := len(p.middle) - 1
		p.suffix, p.middle = p.middle[last], p.middle[:last]
	}
	return p
}

// Matches reports whether the whole of path is what the pattern says.
func (p *Pattern) Matches(path string) bool {
	if !p.star {
		return path == p.prefix
	}
	if len(path) < len(p.prefix)+len(p.suffix) || !strings.HasPrefix(path, p.prefix) || !strings.HasSuffix(path, p.suffix) {
		return false
	}
	path = path[len(p.prefix) : len(path)-len(p.suffix)]
	for _, part := range p.middle {
		_, after, found := strings.Cut(path, part)
		if !found {
			return false
		}
		path = after
	}
	return true
}
