package llmtel

import (
	"bytes"
	"encoding/json"
)

// A condenser takes JSON text in pieces and keeps a short form of each value in it: long
// strings are cut and the tails of long arrays left out. So the usage at the end of a body
// is seen, however many megabytes of vectors or images come before it. The values in an
// outer array, as Gemini streams them, are taken one by one.
type condenser struct {
	emit      func(value []byte, whole bool)
	maxString int  // bytes kept of a string
	flat      bool // keep only the scalars of the outermost object

	buf     []byte
	full    bool    // nothing more of the value is kept
	open    []level // the brackets that are open
	drop    int     // the depth whose rest is left out; 0: none
	quoted  bool    // inside a string
	escape  int     // bytes of an escape still to come; afterSlash: it is not known how many
	keeping bool    // the escape in hand is kept
	length  int     // of the string in hand
	number  bool    // the last value was one

	values int    // that were complete
	outer  bool   // an array around the values is open
	scalar []byte // one in it
	bad    bool   // this is no JSON
	cut    bool   // a string was cut
}

type level struct {
	array bool
	count int
}

const (
	afterSlash  = 5
	maxNesting  = 512
	maxElems    = 256      // of an array
	maxNumbers  = 8        // of an array of numbers
	keptString  = 64 << 10 // of a string of a response
	shortString = 64       // of a string where the value is already large
	largeValue  = 256 << 10
	hugeValue   = 1 << 20
	maxScalar   = 32 // in an outer array
)

// write takes the next bytes.
func (c *condenser) write(p []byte) {
	for i := 0; i < len(p) && !c.bad; {
		if c.quoted {
			i += c.inString(p[i:])
			continue
		}
		if n := plainRun(p[i:]); n > 0 && len(c.open) > 0 {
			c.number = '0' <= p[i+n-1] && p[i+n-1] <= '9'
			c.keep(p[i : i+n])
			i += n
			continue
		}
		c.step(p[i])
		i++
	}
}

// plainRun returns how many bytes at the beginning of p are neither quotes, brackets nor commas.
func plainRun(p []byte) int {
	for i, b := range p {
		if structural[b] {
			return i
		}
	}
	return len(p)
}

var structural = [256]bool{'"': true, ',': true, '{': true, '}': true, '[': true, ']': true}

// inString takes bytes of a string, at least one, and returns how many.
func (c *condenser) inString(p []byte) int {
	limit := c.maxString
	if len(c.buf) > largeValue {
		limit = min(limit, shortString)
	}
	n := 1
	switch {
	case c.escape == afterSlash:
		if c.escape = 0; p[0] == 'u' {
			c.escape = 4
		}
	case p[0] == '"':
		c.quoted, c.escape = false, 0
		c.keep(p[:1])
		return 1
	case c.escape > 0:
		c.escape--
	case p[0] == '\\': // an escape is kept whole or not at all
		c.escape, c.keeping = afterSlash, c.length < limit
	default:
		if n = bytes.IndexByte(p, '"'); n < 0 {
			n = len(p)
		}
		if slash := bytes.IndexByte(p[:n], '\\'); slash >= 0 {
			n = slash
		}
		kept := max(0, min(n, limit-c.length))
		c.keep(p[:kept])
		c.cut = c.cut || kept < n
		c.length += n
		return n
	}
	if c.keeping {
		c.keep(p[:1])
	} else {
		c.cut = true
	}
	c.length++
	return 1
}

// step takes a quote, a bracket or a comma, or a byte outside of all values.
func (c *condenser) step(b byte) {
	if len(c.open) == 0 {
		c.between(b)
		return
	}
	switch b {
	case '"':
		c.quoted, c.length, c.number = true, 0, false
	case '{', '[':
		c.push(b)
		return
	case '}', ']':
		c.pop(b)
		return
	case ',':
		if top := &c.open[len(c.open)-1]; top.array {
			top.count++
			if c.drop == 0 && (top.count >= maxElems || c.number && top.count >= maxNumbers) {
				c.drop = len(c.open)
			}
		}
	}
	c.keepByte(b)
}

// between takes a byte outside of all values.
func (c *condenser) between(b byte) {
	switch b {
	case ' ', '\t', '\r', '\n', 0x1e, 0xef, 0xbb, 0xbf: // the last four begin a JSON sequence, or a text
		if len(c.scalar) > 0 && len(c.scalar) < maxScalar {
			c.scalar = append(c.scalar, ' ')
		}
	case '{':
		c.push(b)
	case '[':
		if c.outer || c.values > 0 {
			c.push(b)
		}
		c.outer = true
	case ',', ']':
		isText := len(c.scalar) > 0 && c.scalar[0] == '"' // which may have these bytes in it, and tells nothing
		c.bad = !c.outer || !isText && len(c.scalar) > 0 && len(c.scalar) < maxScalar && !json.Valid(c.scalar)
		if !isText {
			c.scalar = c.scalar[:0]
		}
		if b == ']' {
			c.outer = false
			c.values++
		}
	default:
		if c.bad = !c.outer; len(c.scalar) < maxScalar {
			c.scalar = append(c.scalar, b)
		}
	}
}

func (c *condenser) push(b byte) {
	if len(c.open) == maxNesting {
		c.bad = true
		return
	}
	if c.flat && c.drop == 0 && len(c.open) > 0 {
		c.keepByte('0')
		c.drop = len(c.open) + 1
	}
	c.keepByte(b)
	c.open = append(c.open, level{array: b == '['})
	c.number = false
}

func (c *condenser) pop(b byte) {
	top := len(c.open)
	if c.open[top-1].array != (b == ']') {
		c.bad = true
		return
	}
	flat := c.flat && c.drop == top
	if c.drop == top {
		c.drop = 0
	}
	if !flat {
		c.keepByte(b)
	}
	c.open, c.number = c.open[:top-1], false
	if top == 1 {
		c.values++
		c.emit(c.buf, !c.full)
		c.reset()
	}
}

func (c *condenser) keepByte(b byte) { c.keep([]byte{b}) }

func (c *condenser) keep(p []byte) {
	switch {
	case c.drop > 0 || c.full:
	case len(c.buf)+len(p) > hugeValue:
		c.full = true
	default:
		c.buf = append(c.buf, p...)
	}
}

// busy reports whether a value has begun and not ended.
func (c *condenser) busy() bool { return len(c.open) > 0 }

// complete reports whether there was JSON, and nothing of it is missing.
func (c *condenser) complete() bool { return c.values > 0 && !c.busy() && !c.outer && !c.bad }

// reset gives the value in hand up.
func (c *condenser) reset() {
	c.buf, c.open = c.buf[:0], c.open[:0]
	c.drop, c.quoted, c.escape, c.full = 0, false, 0, false
}
