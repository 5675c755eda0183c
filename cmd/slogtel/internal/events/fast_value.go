package events

import "unicode/utf8"

// fastString reads a value that must be a string.
func (d *decoder) fastString(b []byte, at int, f field) int {
	if at >= len(b) || b[at] != '"' {
		return -1
	}
	return d.fastField(b, at, f)
}

// fastField reads the value of a field and returns where it ends.
func (d *decoder) fastField(b []byte, at int, f field) int {
	if at >= len(b) {
		return -1
	}
	c := b[at]
	switch {
	case f == fIgnored:
		return skipValue(b, at, maxSkip)
	case c == '-' || c-'0' <= 9:
		var n number
		i := scanNumber(b, at, &n)
		if f == fValueText {
			f = fValue
		}
		if i > 0 && !d.setNumber(f, &n) && f == fValue {
			d.setOther(f, n.text)
		}
		return i
	case f == fValue || f == fValueText || c != '"':
		i := skipValue(b, at, maxSkip)
		if i > 0 {
			d.setOther(f, b[at:i])
		}
		return i
	}
	var s jsonString
	i := scanString(b, at, &s)
	if i < 0 {
		return -1
	}
	text, ok := d.unescaped(b, &s)
	if !ok {
		return -1
	}
	d.setString(f, text)
	return i
}

// unescaped returns what is inside a string, or that it takes more to do so.
func (d *decoder) unescaped(b []byte, s *jsonString) (text []byte, ok bool) {
	text = b[s.start:s.end]
	if s.wide && !utf8.Valid(text) {
		return nil, false
	}
	if s.escaped {
		n := len(d.text)
		d.text = appendUnescaped(d.text, text)
		text = d.text[n:]
	}
	return text, true
}

// fastAttr reads the value of one of the caller's attributes.
func (d *decoder) fastAttr(b []byte, at int, key []byte) int {
	i := skipValue(b, at, maxSkip)
	if i < 0 || !d.attrs && len(d.keys) == 0 {
		return i
	}
	switch c := b[at]; {
	case c == '{':
		d.takeAttrs(string(key)+".", members(b[at:i]), maxGroups-1)
	case !d.wants(key):
	case c == '"':
		var s jsonString
		scanString(b, at, &s)
		text, ok := d.unescaped(b, &s)
		if !ok {
			return -1
		}
		d.addAttr(key, text)
	default:
		d.addAttr(key, b[at:i])
	}
	return i
}

// blank reports whether there is nothing but white space.
func blank(b []byte) bool {
	for _, c := range b {
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
	}
	return true
}
