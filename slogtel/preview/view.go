package preview

import (
	"reflect"
	"strings"
)

// view is one value of a response that has not been read yet: a piece of JSON text or a Go value. Views
// are read in place and as far as needed, so that a preview of a huge response costs little more than
// one of a small response.
type view struct {
	kind kind
	// doc and js are set for a piece of JSON text; js begins with the value's first byte and, where
	// the text was too long to look for it, does not end with its last.
	doc *doc
	js  string
	// val is the Go value; str the text of one that is a string or says itself how to print it.
	val reflect.Value
	str string
}

type kind uint8

const (
	absent  kind = iota
	pending      // a Go value not yet looked at: see open
	null
	object
	array
	text
	number
	boolean
	opaque // nothing that could be shown: a function, a channel, too many pointers
)

// Bounds on how much of a collection is looked at. Nobody's response has that many parts; a hostile or
// broken one may.
const (
	maxMembers = 4096
	maxElems   = 4096
)

func (v view) ok() bool { return v.kind > null }

// open looks at a pending value.
func (v view) open() view {
	if v.kind == pending {
		return fromValue(v.val)
	}
	return v
}

// members yields the members of an object in order: as written for JSON and structs, sorted for maps.
// The views may be pending.
func (v view) members(yield func(name string, v view) bool) {
	switch {
	case v.kind != object:
	case v.doc != nil:
		v.doc.members(v.js, yield)
	default:
		valueMembers(v.val, yield)
	}
}

// elems yields the first elements of an array. The views may be pending.
func (v view) elems(yield func(v view) bool) {
	switch {
	case v.kind != array:
	case v.doc != nil:
		v.doc.elems(v.js, yield)
	default:
		for i := range min(v.val.Len(), maxElems) {
			if !yield(view{kind: pending, val: v.val.Index(i)}) {
				return
			}
		}
	}
}

// get returns the member with the first of these names that is there, opened. The names are in the
// form that plain gives.
func (v view) get(names ...string) view {
	best, found := len(names), view{}
	v.members(func(name string, m view) bool {
		var buf [maxPlain]byte
		p := plain(&buf, name)
		for i, want := range names[:best] {
			if string(p) == want {
				if m = m.open(); m.ok() {
					best, found = i, m
				}
				break
			}
		}
		return best > 0
	})
	return found
}

// first returns the first element of an array, opened, or any other value itself.
func (v view) first() view {
	if v.kind != array {
		return v
	}
	var found view
	v.elems(func(e view) bool {
		found = e.open()
		return false
	})
	return found
}

// clip returns the text of a value that is text: at least its first n bytes, where it is that long.
func (v view) clip(n int) clip {
	if v.doc != nil {
		return decode(v.js, n)
	}
	return clip{s: v.str}
}

// isTrue reports whether v is the boolean true.
func (v view) isTrue() bool {
	if v.kind != boolean {
		return false
	}
	if v.doc != nil {
		return strings.HasPrefix(v.js, "true")
	}
	return v.val.Bool()
}

// maxPlain is the length of the longest name that plain tells apart.
const maxPlain = 32

// plain makes the spellings of a name alike, as snake_case, camelCase and Go's own: its letters and
// digits in lower case. A name too long to be one of ours gives nothing.
func plain(buf *[maxPlain]byte, name string) []byte {
	n := 0
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c == '_' || c == '-' || c == ' ' || c == '.':
			continue
		case 'A' <= c && c <= 'Z':
			c |= 0x20
		}
		if n == maxPlain {
			return nil
		}
		buf[n] = c
		n++
	}
	return buf[:n]
}
