package preview

import "strings"

// doc reads JSON text in place (RFC 8259). It is a reader, not a judge: escapes, numbers and control
// bytes are looked at only where a value is used. Strings are passed over at the speed of a search for
// their closing quote, everything else at the cost of a step, and the steps are limited.
type doc struct {
	steps int
	ended bool // the text ended where more was to come: it was cut off
}

const (
	// maxSteps is the number of brackets, keys and values of a JSON text that are looked at to tell
	// whether it is one; and as many again, some times over, to read it.
	maxSteps = 1 << 17
	// maxNesting is how deep a JSON text may be nested. Deeper ones are taken for text.
	maxNesting = 512
)

// status tells how reading a value ended.
type status uint8

const (
	good  status = iota
	bad          // no JSON
	spent        // JSON so far, but the steps are used up
)

// parse returns the view of a JSON text, if s is one. A text that is JSON as far as the steps reach is
// taken for JSON, and what comes later is not seen.
func parse(s string) (v view, ok bool) {
	if v, ok, _ = parseHead(s); !ok {
		return view{}, false
	}
	return v, true
}

// parseHead is parse also for JSON text that was cut off somewhere behind the name of a member, as the
// body of a response is whose connection broke: it is the head of one.
func parseHead(s string) (v view, ok, head bool) {
	s = strings.TrimPrefix(s, "\ufeff")
	i := space(s, 0)
	check := doc{steps: maxSteps}
	end, st := check.skip(s, i)
	switch {
	case st == bad && check.ended && check.steps <= maxSteps-3:
		end, head = len(s), true
	case st == bad || st == good && space(s, end) < len(s):
		return view{}, false, false
	}
	d := &doc{steps: 4 * maxSteps}
	return d.view(s[i:end]), !head, head
}

// view returns the view of the JSON value at the beginning of s, which must not be empty.
func (d *doc) view(s string) view {
	v := view{doc: d, js: s}
	switch s[0] {
	case '{':
		v.kind = object
	case '[':
		v.kind = array
	case '"':
		v.kind = text
	case 't', 'f':
		v.kind = boolean
	case 'n':
		v.kind = null
	default:
		v.kind = number
	}
	return v
}

// skip returns the end of the value that begins at s[i].
func (d *doc) skip(s string, i int) (end int, st status) {
	var buf [64]byte
	open := buf[:0] // the brackets that are open
	for {
		if d.steps--; d.steps < 0 {
			return len(s), spent
		}
		if i = space(s, i); i >= len(s) {
			d.ended = true
		}
		switch c := at(s, i); {
		case (c == '{' || c == '[') && len(open) == maxNesting:
			return 0, bad
		case c == '{':
			open = append(open, c)
			if i = space(s, i+1); at(s, i) != '}' {
				if i = d.key(s, i); i > 0 {
					continue
				}
			}
		case c == '[':
			open = append(open, c)
			if i = space(s, i+1); at(s, i) != ']' {
				continue
			}
		case c == '"':
			i = d.quoteEnd(s, i)
		case c == '-' || '0' <= c && c <= '9':
			for numeric(at(s, i)) {
				i++
			}
		default:
			i = d.literal(s, i)
		}
		if i, st = d.behind(s, i, &open); st == good && len(open) > 0 {
			continue
		}
		return i, st
	}
}

// behind reads what stands behind a value that ends at s[i]: the ends of all that it closes, and then
// a comma, with the next key if there is one. An i of 0 says that there was no value.
func (d *doc) behind(s string, i int, open *[]byte) (next int, st status) {
	for i > 0 {
		top := len(*open) - 1
		if top < 0 {
			return i, good
		}
		if i = space(s, i); i >= len(s) {
			d.ended = true
		}
		c, obj := at(s, i), (*open)[top] == '{'
		i++
		switch {
		case c == '}' && obj, c == ']' && !obj:
			*open = (*open)[:top]
			continue
		case c != ',':
			return 0, bad
		case !obj:
			return i, good
		}
		if i = d.key(s, i); i > 0 {
			return i, good
		}
	}
	if d.steps < 0 {
		return len(s), spent
	}
	return 0, bad
}

// key returns the place behind the key at s[i] and its colon, or 0.
func (d *doc) key(s string, i int) int {
	d.steps--
	if i = space(s, i); at(s, i) != '"' {
		d.ended = d.ended || i >= len(s)
		return 0
	}
	if i = d.quoteEnd(s, i); i == 0 {
		return 0
	}
	if i = space(s, i); at(s, i) != ':' {
		d.ended = d.ended || i >= len(s)
		return 0
	}
	return i + 1
}

// quoteEnd returns the place behind the string that begins at s[i], or 0 where it does not end.
func (d *doc) quoteEnd(s string, i int) int {
	for from := i + 1; d.steps >= 0; d.steps-- {
		n := strings.IndexByte(s[from:], '"')
		if n < 0 {
			d.ended = true
			return 0
		}
		quote := from + n
		slash := quote
		for slash > from && s[slash-1] == '\\' {
			slash--
		}
		if (quote-slash)%2 == 0 {
			return quote + 1
		}
		from = quote + 1
	}
	return 0
}

// value is skip for text that is known to be JSON, or the beginning of it: a value that
// was cut off goes to the end.
func (d *doc) value(s string, i int) (end int, st status) {
	if end, st = d.skip(s, i); st == bad && d.ended {
		return len(s), spent
	}
	return end, st
}

// members yields the members of the object js.
func (d *doc) members(js string, yield func(name string, v view) bool) {
	i := space(js, 1)
	for at(js, i) == '"' {
		start := space(js, d.key(js, i))
		if start == 0 || start >= len(js) {
			return
		}
		end, st := d.value(js, start)
		if st == bad || !yield(name(js[i:]), d.view(js[start:end])) || st == spent {
			return
		}
		if i = space(js, end); at(js, i) != ',' {
			return
		}
		i = space(js, i+1)
	}
}

// elems yields the first elements of the array js.
func (d *doc) elems(js string, yield func(v view) bool) {
	i := space(js, 1)
	for n := 0; n < maxElems && i < len(js) && js[i] != ']'; n++ {
		end, st := d.value(js, i)
		if st == bad || !yield(d.view(js[i:end])) || st == spent {
			return
		}
		if i = space(js, end); at(js, i) != ',' {
			return
		}
		i = space(js, i+1)
	}
}

// at returns s[i], or 0 behind the end.
func at(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return 0
}

// space returns the place of the first byte from i on that is no white space. It keeps 0.
func space(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\r' || s[i] == '\t') {
		i++
	}
	return i
}

func numeric(c byte) bool {
	return '0' <= c && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'
}

// literal returns the place behind the literal at s[i], or 0.
func (d *doc) literal(s string, i int) int {
	rest := s[min(i, len(s)):]
	for _, word := range [...]string{"true", "false", "null"} {
		if strings.HasPrefix(rest, word) {
			return i + len(word)
		}
		d.ended = d.ended || rest != "" && strings.HasPrefix(word, rest)
	}
	return 0
}
