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

// A Member is a key of a JSON object, and its value as it stands there.
type Member struct {
	Key   string
	Value []byte
}

// IsString and IsObject report what the value is.
func (m *Member) IsString() bool { return len(m.Value) > 0 && m.Value[0] == '"' }
func (m *Member) IsObject() bool { return len(m.Value) > 0 && m.Value[0] == '{' }

// Text returns the string that the value is, and "" for another value.
func (m *Member) Text() (s string) {
	json.Unmarshal(m.Value, &s)
	return s
}

// members takes apart an object, which is valid.
func members(raw []byte) []Member {
	all, _ := Members(raw, nil)
	return all
}

// Members appends the members of a JSON object, in its order, and reports false for what is none. They share
// the memory of raw, even keys.
func Members(raw []byte, dst []Member) ([]Member, bool) {
	first := len(dst)
	if len(raw) > 0 && raw[0] == '{' {
		end := fastMembers(raw, 0, func(key []byte, at int) int {
			i := skipValue(raw, at, maxSkip)
			if i > 0 {
				dst = append(dst, Member{view(key), raw[at:i]})
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
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.Token()
	for dec.More() {
		key, _ := dec.Token()
		name, _ := key.(string)
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			break
		}
		dst = append(dst, Member{name, value})
	}
	return dst, true
}

// elements takes apart an array, and returns nil for what is none.
func elements(raw []byte) (all []json.RawMessage) {
	json.Unmarshal(raw, &all)
	return all
}

// object is the JSON object of these members.
func object(all []Member) []byte {
	raw := []byte{'{'}
	for i, m := range all {
		if i > 0 {
			raw = append(raw, ',')
		}
		raw = append(append(jsonenc.AppendString(raw, m.Key), ':'), m.Value...)
	}
	return append(raw, '}')
}

func find(all []Member, key string) *Member {
	for i := len(all) - 1; i >= 0; i-- { // the last one wins
		if all[i].Key == key {
			return &all[i]
		}
	}
	return nil
}

func findString(all []Member, key string) (string, bool) {
	m := find(all, key)
	if m == nil || !m.IsString() {
		return "", false
	}
	return m.Text(), true
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
	if m := find(all, "line"); m != nil && m.IsString() && len(all) == 2 && find(all, "truncated") != nil {
		return IsBad, errors.New("line that its writer had to cut, and could not read")
	}
	return IsSkipped, nil
}

func (d *decoder) decodeFlat(all []Member, kind messageKind) (Verdict, error) {
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
func (d *decoder) takeRoot(all []Member) {
	for _, key := range []string{"time", "timestamp", "ts", "@timestamp", "_time"} {
		if s, ok := findString(all, key); ok && !d.has(fTime) {
			d.setString(fTime, []byte(s))
		}
	}
	for _, m := range all {
		if m.Key == "level" {
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
func (d *decoder) takeFlat(all []Member, kind messageKind) (rest []Member) {
	d.totals = Totals{}
	for _, m := range all {
		if f := flatField(m.Key, kind); f != fNone {
			d.take(f, &m)
		} else if !flatRoot(m.Key) {
			rest = append(rest, m)
		}
	}
	return rest
}

// inside looks for the group that has the event, as package slogtel does.
func (d *decoder) inside(all []Member, kind messageKind, depth int) (in, around []Member) {
	for i, m := range all {
		if depth == 0 || !m.IsObject() {
			continue
		}
		d.reset()
		in = members(m.Value)
		d.takeFlat(in, kind)
		if !d.complete(kind) {
			if in, around = d.inside(in, kind, depth-1); in == nil {
				continue
			}
		}
		for j, o := range all {
			if j != i && flatField(o.Key, kind) == fNone && !flatRoot(o.Key) {
				around = append(around, o)
			}
		}
		return in, around
	}
	return nil, nil
}

func (d *decoder) decodeECS(all, own []Member, kind messageKind) (Verdict, error) {
	d.reset()
	d.totals = Totals{}
	var rest []Member
	for _, m := range all {
		switch f := ecsRootField(m.Key); {
		case f != fNone:
			d.take(f, &m)
		case m.Key == "labels" && m.IsObject():
			rest = append(rest, members(m.Value)...)
		case m.Key != "slogtel":
			rest = append(rest, m)
		default:
			for _, m := range own { // what is no field is an attribute, as in a flat line: a preview, or what was inside
				if ecsField(m.Key, kind) == fNone {
					rest = append(rest, m)
				}
			}
		}
	}
	for _, m := range own {
		if f := ecsField(m.Key, kind); f != fNone {
			d.take(f, &m)
		}
	}
	d.takeAttrs("", rest, maxGroups)
	return IsEvent, d.finish(kind)
}

// take takes a field. What has another kind than it should counts as absent.
func (d *decoder) take(f field, m *Member) {
	switch c := m.Value[0]; {
	case f == fValue || f == fValueText:
		var n number
		if c != '-' && (c < '0' || c > '9') || scanNumber(m.Value, 0, &n) != len(m.Value) || !d.setNumber(fValue, &n) {
			d.setOther(f, m.Value)
		}
	case c == '"':
		d.setString(f, []byte(m.Text()))
	case c == '-' || '0' <= c && c <= '9':
		var n number
		if scanNumber(m.Value, 0, &n) == len(m.Value) {
			d.setNumber(f, &n)
		}
	default:
		d.setOther(f, m.Value)
	}
}

// takeAttrs takes the caller's attributes that are asked for, groups flattened.
func (d *decoder) takeAttrs(prefix string, all []Member, depth int) {
	if !d.attrs && len(d.keys) == 0 {
		return
	}
	for _, m := range all {
		key := prefix + m.Key
		switch {
		case m.IsObject() && depth > 0:
			d.takeAttrs(key+".", members(m.Value), depth-1)
		case !d.wants([]byte(key)):
		case m.IsString():
			d.addAttr([]byte(key), []byte(m.Text()))
		default:
			d.addAttr([]byte(key), m.Value)
		}
	}
}
