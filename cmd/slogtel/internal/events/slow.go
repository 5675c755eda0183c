package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"

	"github.com/slogtel/telemetry/internal/jsonenc"
)

// maxGroups is how deep groups are looked into.
const maxGroups = 16

// A member of a JSON object: its key, and its value as it stands in the line.
type member struct {
	key string
	raw []byte
}

func (m *member) isString() bool { return len(m.raw) > 0 && m.raw[0] == '"' }
func (m *member) isObject() bool { return len(m.raw) > 0 && m.raw[0] == '{' }

func (m *member) text() (s string) {
	json.Unmarshal(m.raw, &s)
	return s
}

// members takes apart an object, which is valid.
func members(raw []byte) (all []member) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.Token()
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return all
		}
		var m member
		m.key, _ = key.(string)
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			return all
		}
		m.raw = value
		all = append(all, m)
	}
	return all
}

// ValueEnd returns where the JSON object, array or string that begins at b[i] ends, by its brackets and quotes
// alone, and a negative number where there is no end.
func ValueEnd(b []byte, i int) int { return valueEnd(b, i) }

// A Member is a key of a JSON object, and its value as it stands there.
type Member struct{ Key, Value []byte }

// Members appends the members of a JSON object, in its order, and reports false for what is none. They share
// the memory of raw.
func Members(raw []byte, dst []Member) ([]Member, bool) {
	first := len(dst)
	if len(raw) > 0 && raw[0] == '{' {
		end := fastMembers(raw, 0, func(key []byte, at int) int {
			i := skipValue(raw, at, maxSkip)
			if i > 0 {
				dst = append(dst, Member{key, raw[at:i]})
			}
			return i
		})
		if end > 0 && blank(raw[end:]) {
			return dst, true
		}
	}
	dst = dst[:first]
	if !json.Valid(raw) || bytes.TrimLeft(raw, " \t\r\n")[0] != '{' {
		return dst, false
	}
	for _, m := range members(raw) {
		dst = append(dst, Member{[]byte(m.key), m.raw})
	}
	return dst, true
}

// elements takes apart an array, and returns nil for what is none.
func elements(raw []byte) (all []json.RawMessage) {
	json.Unmarshal(raw, &all)
	return all
}

// object is the JSON object of these members.
func object(all []member) []byte {
	raw := []byte{'{'}
	for i, m := range all {
		if i > 0 {
			raw = append(raw, ',')
		}
		raw = append(append(jsonenc.AppendString(raw, m.key), ':'), m.raw...)
	}
	return append(raw, '}')
}

func find(all []member, key string) *member {
	for i := len(all) - 1; i >= 0; i-- { // the last one wins
		if all[i].key == key {
			return &all[i]
		}
	}
	return nil
}

func findString(all []member, key string) (string, bool) {
	m := find(all, key)
	if m == nil || !m.isString() {
		return "", false
	}
	return m.text(), true
}

// decodeSlow is what decodes lines in general, with encoding/json. The fast way is
// for those that are as the library writes them, and has the same results.
func (d *decoder) decodeSlow(line []byte) (Verdict, error) {
	if !json.Valid(line) {
		var any json.RawMessage
		return IsBad, json.Unmarshal(line, &any)
	}
	if line = bytes.TrimLeft(line, " \t\r\n"); line[0] != '{' {
		return IsSkipped, nil
	}
	all := members(line)
	message, ok := findString(all, slog.MessageKey)
	if ok {
		if kind := kindOf(message); kind != isOther {
			return d.decodeFlat(all, kind)
		}
	} else if kind, all, sure := messageIn(all); kind != isOther {
		if own := ownMembers(all); own != nil {
			return d.decodeECS(spread(all), own, kind)
		}
		if v, err := d.decodeFlat(all, kind); err == nil || sure {
			return v, err
		}
	}
	if m := find(all, "line"); m != nil && m.isString() && len(all) == 2 && find(all, "truncated") != nil {
		return IsBad, errors.New("line that its writer had to cut, and could not read")
	}
	return IsSkipped, nil
}

func (d *decoder) decodeFlat(all []member, kind messageKind) (Verdict, error) {
	d.reset()
	d.takeRoot(all)
	rest := d.takeFlat(all, kind)
	if !d.complete(kind) {
		if in, around := d.inside(all, kind, maxGroups); in != nil {
			d.reset()
			d.takeRoot(all)
			rest = append(d.takeFlat(in, kind), around...)
		}
	}
	d.takeAttrs("", rest, maxGroups)
	return IsEvent, d.finish(kind)
}

// takeRoot takes what stands at the root of a flat line, wherever the event is.
func (d *decoder) takeRoot(all []member) {
	for _, key := range []string{"time", "timestamp", "ts", "@timestamp", "_time"} {
		if s, ok := findString(all, key); ok && !d.has(fTime) {
			d.setString(fTime, []byte(s))
		}
	}
	for _, m := range all {
		if m.key == "level" {
			d.take(fLevel, &m)
		}
	}
}

func flatRoot(key string) bool {
	switch key {
	case "time", "level", "msg", "truncated", "_time", "_msg", "_stream", "_stream_id":
		return true
	}
	return false
}

// takeFlat takes the keys of the schema and returns the other members.
func (d *decoder) takeFlat(all []member, kind messageKind) (rest []member) {
	d.totals = Totals{}
	for _, m := range all {
		if f := flatField(m.key, kind); f != fNone {
			d.take(f, &m)
		} else if !flatRoot(m.key) {
			rest = append(rest, m)
		}
	}
	return rest
}

// inside looks for the group that has the event, as package slogtel does.
func (d *decoder) inside(all []member, kind messageKind, depth int) (in, around []member) {
	for i, m := range all {
		if depth == 0 || !m.isObject() {
			continue
		}
		d.reset()
		in = members(m.raw)
		d.takeFlat(in, kind)
		if !d.complete(kind) {
			if in, around = d.inside(in, kind, depth-1); in == nil {
				continue
			}
		}
		for j, o := range all {
			if j != i && flatField(o.key, kind) == fNone && !flatRoot(o.key) {
				around = append(around, o)
			}
		}
		return in, around
	}
	return nil, nil
}

func (d *decoder) decodeECS(all, own []member, kind messageKind) (Verdict, error) {
	d.reset()
	d.totals = Totals{}
	var rest []member
	for _, m := range all {
		switch f := ecsRootField(m.key); {
		case f != fNone:
			d.take(f, &m)
		case m.key == "labels" && m.isObject():
			rest = append(rest, members(m.raw)...)
		case m.key != "slogtel":
			rest = append(rest, m)
		default:
			for _, m := range own { // what is no field is an attribute, as in a flat line: a preview, or what was inside
				if ecsField(m.key, kind) == fNone {
					rest = append(rest, m)
				}
			}
		}
	}
	for _, m := range own {
		if f := ecsField(m.key, kind); f != fNone {
			d.take(f, &m)
		}
	}
	d.takeAttrs("", rest, maxGroups)
	return IsEvent, d.finish(kind)
}

// take takes a field. What has another kind than it should counts as absent.
func (d *decoder) take(f field, m *member) {
	switch c := m.raw[0]; {
	case f == fValue || f == fValueText:
		var n number
		if c != '-' && (c < '0' || c > '9') || scanNumber(m.raw, 0, &n) != len(m.raw) || !d.setNumber(fValue, &n) {
			d.setOther(f, m.raw)
		}
	case c == '"':
		d.setString(f, []byte(m.text()))
	case c == '-' || '0' <= c && c <= '9':
		var n number
		if scanNumber(m.raw, 0, &n) == len(m.raw) {
			d.setNumber(f, &n)
		}
	default:
		d.setOther(f, m.raw)
	}
}

// takeAttrs takes the caller's attributes that are asked for, groups flattened.
func (d *decoder) takeAttrs(prefix string, all []member, depth int) {
	if !d.attrs && len(d.keys) == 0 {
		return
	}
	for _, m := range all {
		key := prefix + m.key
		switch {
		case m.isObject() && depth > 0:
			d.takeAttrs(key+".", members(m.raw), depth-1)
		case !d.wants([]byte(key)):
		case m.isString():
			d.addAttr([]byte(key), []byte(m.text()))
		default:
			d.addAttr([]byte(key), m.raw)
		}
	}
}
