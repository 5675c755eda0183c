package redact

import (
	"strings"
	"sync/atomic"

	"github.com/slogtel/telemetry/internal/secrets"
)

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
	half, label, labeled bool // see isHalf and the like
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
		judged: secrets.JudgedOf(name, r.kinds), half: isHalf(name), label: isLabel(name), labeled: isLabeled(name),
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
