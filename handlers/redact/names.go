package redact

import (
	"bytes"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/slogtel/telemetry/internal/secrets"
)

// hides reports whether a value of this name is to be hidden, whatever it is.
func (w *walk) hides(key string) bool { return w.hidesAs(w.rules.facts(key), key) }

func (w *walk) hidesAs(f nameFacts, key string) bool {
	if f.allowed {
		return false
	}
	if rules := w.rules; rules.hasPaths && (len(w.path) > 0 || strings.IndexByte(key, '.') >= 0) {
		var buf [maxPath]byte
		path := appendPath(buf[:0], w.path, key)
		if anyMatches(rules.allow.paths, path) {
			return false
		}
		if anyMatches(rules.keys.paths, path) {
			return true
		}
	}
	if f.secret {
		return true
	}
	return f.half && len(w.path) > 0 && secrets.KeyOf(w.path[len(w.path)-1]+"."+key, w.rules.kinds)
}

// isHalf reports whether a name is the second half of names in the table, as in api and key.
func isHalf(key string) bool {
	for _, half := range [...]string{"key", "keys", "number", "card", "sid", "string", "signature", "assertion"} {
		if strings.EqualFold(key, half) {
			return true
		}
	}
	return false
}

// maxPath is how many bytes of a path, from its end, patterns are compared with.
const maxPath = 256

// appendPath appends the path of key in lower case, with dots between the groups.
func appendPath(dst []byte, groups []string, key string) []byte {
	for _, name := range groups[max(0, len(groups)-maxPath/2):] {
		if name != "" {
			dst = append(appendLower(dst, name), '.')
		}
	}
	return appendLower(dst, key)
}

// appendLower appends the end of s.
func appendLower(dst []byte, s string) []byte {
	s = s[max(0, len(s)-maxPath):]
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			return append(dst, strings.ToLower(s[i:])...)
		}
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		dst = append(dst, c)
	}
	return dst
}

// patterns are names, in lower case, perhaps with * and ? in them.
type patterns struct {
	names []pattern
	paths []pattern // with dots
}

type pattern string

func newPatterns(list []string) (p patterns) {
	for _, s := range list {
		switch {
		case s == "":
		case strings.Contains(s, "."):
			p.paths = append(p.paths, pattern(strings.ToLower(s)))
		default:
			p.names = append(p.names, pattern(strings.ToLower(s)))
		}
	}
	return p
}

// anyMatches reports whether one of the patterns matches the path, or the end of it from a dot on.
func anyMatches(list []pattern, path []byte) bool {
	if len(list) == 0 {
		return false
	}
	path = path[max(0, len(path)-maxPath):]
	for _, p := range list {
		for tail := path; ; {
			if p.matches(tail) {
				return true
			}
			dot := bytes.IndexByte(tail, '.')
			if dot < 0 {
				break
			}
			tail = tail[dot+1:]
		}
	}
	return false
}

// matches reports whether name is what p says. After a mismatch only the last * is tried
// again, one byte further on.
func (p pattern) matches(name []byte) bool {
	i, star, retry := 0, -1, 0
	for k := 0; k < len(name); {
		switch {
		case i < len(p) && p[i] == '*':
			star, retry = i, k
			i++
		case i < len(p) && p[i] == '?':
			_, n := utf8.DecodeRune(name[k:])
			i, k = i+1, k+n
		case i < len(p) && p[i] == name[k]:
			i, k = i+1, k+1
		case star >= 0:
			retry++
			i, k = star+1, retry
		default:
			return false
		}
	}
	return strings.Trim(string(p[i:]), "*") == ""
}

// isSecretName reports whether a text is nothing but the name of a secret.
func (w *walk) isSecretName(s string) bool {
	return len(s) <= maxCachedName && strings.IndexByte(s, ' ') < 0 && w.hides(s)
}

// nameCache remembers what is known of names: an app has few of them, and uses them all the
// time. It is bounded twice, in the names it holds and in those it ever takes in, so that an app
// whose names are ever new costs no memory.
type nameCache struct {
	slots [256]atomic.Pointer[nameFacts]
	taken atomic.Int32
}

type nameFacts struct {
	name    string
	secret  bool // what stands under it is
	allowed bool // it never is
	dirty   bool // the name itself holds one

	judged, path         bool // what stands under it is one if it looks like it; if it is no path
	half, label, labeled bool // see isHalf, secrets.IsLabel and secrets.IsLabeled
}

const (
	maxCachedName  = 64
	maxCachedNames = 2048
)

// facts returns what the tables and the patterns without dots say of a name.
func (r *rules) facts(name string) nameFacts {
	if len(name) == 0 || len(name) > maxCachedName {
		return r.newFacts(name)
	}
	c := &r.names
	h := uint(len(name)) + 7*uint(name[0]) + 31*uint(name[len(name)/2]) + 127*uint(name[len(name)-1])
	slot := &c.slots[h%uint(len(c.slots))]
	if f := slot.Load(); f != nil && f.name == name {
		return *f
	}
	f := r.newFacts(name)
	if c.taken.Load() < maxCachedNames {
		c.taken.Add(1)
		kept := f
		kept.name = strings.Clone(name)
		slot.Store(&kept)
	}
	return f
}

func (r *rules) newFacts(name string) nameFacts {
	f := nameFacts{
		name: name, secret: secrets.KeyOf(name, r.kinds),
		judged: secrets.JudgedOf(name, r.kinds), half: isHalf(name), label: secrets.IsLabel(name), labeled: secrets.IsLabeled(name),
	}
	f.path = f.secret && !secrets.PairOf(name, "/", r.kinds)
	_, f.dirty = secrets.Find(name, 0, r.kinds)
	if len(r.keys.names)+len(r.allow.names) > 0 {
		var buf [maxPath]byte
		lower := appendLower(buf[:0], name)
		if anyMatches(r.keys.names, lower) {
			f.secret, f.path = true, false
		}
		f.allowed = anyMatches(r.allow.names, lower)
	}
	return f
}
