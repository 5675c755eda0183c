package sample

import "strings"

type rule struct {
	pattern scopePattern
	rate    float64
}

func (s *Sampler) rateOf(path string) float64 {
	for i := range s.rules {
		if s.rules[i].pattern.matches(path) {
			return s.rules[i].rate
		}
	}
	return s.rate
}

// scopePattern is a pattern in which * stands for any number of any bytes.
type scopePattern struct {
	prefix string
	middle []string // between the stars
	suffix string
	star   bool // if not, prefix is all
}

func newScopePattern(text string) scopePattern {
	first, rest, star := strings.Cut(text, "*")
	p := scopePattern{prefix: first, star: star}
	if star {
		p.middle = strings.Split(rest, "*")
		last := len(p.middle) - 1
		p.suffix, p.middle = p.middle[last], p.middle[:last]
	}
	return p
}

func (p *scopePattern) matches(path string) bool {
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
