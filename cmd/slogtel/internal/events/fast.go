package events

import "bytes"

// decode decodes a JSON object. An error says why it is bad.
func (d *decoder) decode(line []byte) (Verdict, error) {
	if v, ok := d.decodeFast(line); ok {
		return v, nil
	}
	return d.decodeSlow(line)
}

// decodeFast decodes a line as the library's reporters write it, or slog's own JSON
// handler: an object with no white space but after colons and commas, keys in ASCII, the time and the
// message before the keys of an event. Of any other it says that it is not ok.
func (d *decoder) decodeFast(line []byte) (v Verdict, ok bool) {
	d.reset()
	if bytes.HasPrefix(line, []byte(`{"@timestamp":"`)) {
		return d.fastECS(line)
	}
	return d.fastFlat(line)
}

func (d *decoder) fastFlat(b []byte) (Verdict, bool) {
	kind, known := isOther, false
	after := byte('{')
	for i := 0; ; after = ',' {
		key, at := fastKey(b, i, after)
		if at < 0 {
			return 0, false
		}
		switch string(key) {
		case "time":
			i = d.fastString(b, at, fTime)
		case "level":
			i = d.fastField(b, at, fLevel)
		case "truncated":
			i = skipValue(b, at, maxSkip)
		case "msg":
			if known {
				return 0, false
			}
			if kind, i = d.fastMessage(b, at); i < 0 {
				return 0, false
			}
			known = true
		default:
			if !known {
				return 0, false
			}
			if kind == isOther {
				i = skipValue(b, at, maxSkip)
			} else if f := flatField(view(key), kind); f == fEndWall {
				i = skipValue(b, at, maxSkip) // for want of a time, which there is
			} else if f != fNone {
				i = d.fastField(b, at, f)
			} else {
				i = d.fastAttr(b, at, key)
			}
		}
		if i < 0 || i >= len(b) {
			return 0, false
		}
		if b[i] == '}' {
			return d.fastEnd(kind, known && blank(b[i+1:]))
		}
	}
}

// fastEnd ends a line with a message of a kind, if it is whole.
func (d *decoder) fastEnd(kind messageKind, whole bool) (Verdict, bool) {
	switch {
	case !whole:
		return 0, false
	case kind == isOther:
		return IsSkipped, true
	}
	return IsEvent, d.has(fTime) && d.complete(kind) && d.finish(kind) == nil
}

// fastMembers reads the members of an object, with take for each value, which returns
// where that ends.
func fastMembers(b []byte, i int, take func(key []byte, at int) int) int {
	if i+1 < len(b) && b[i+1] == '}' {
		return i + 2
	}
	for after := byte('{'); ; after = ',' {
		key, at := fastKey(b, i, after)
		if at < 0 {
			return -1
		}
		if i = take(key, at); i < 0 || i >= len(b) {
			return -1
		}
		if b[i] == '}' {
			return i + 1
		}
	}
}

// fastKey reads the key after b[i], which must be the given brace or comma, and returns
// where its value is.
func fastKey(b []byte, i int, after byte) (key []byte, at int) {
	if i >= len(b) || b[i] != after {
		return nil, -1
	}
	if i = skipSpaces(b, i+1); i >= len(b) || b[i] != '"' {
		return nil, -1
	}
	var s jsonString
	end := scanString(b, i, &s)
	if end < 0 || end >= len(b) || b[end] != ':' || s.escaped || s.wide {
		return nil, -1
	}
	return b[s.start:s.end], skipSpaces(b, end+1)
}

func (d *decoder) fastMessage(b []byte, at int) (messageKind, int) {
	var s jsonString
	if at >= len(b) || b[at] != '"' {
		return isOther, -1
	}
	i := scanString(b, at, &s)
	if i < 0 || s.escaped {
		return isOther, -1
	}
	kind := kindOf(view(b[s.start:s.end]))
	if kind == isSummary {
		d.totals = Totals{}
	}
	return kind, i
}
