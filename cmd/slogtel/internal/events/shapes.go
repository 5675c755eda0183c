package events

import (
	"strings"

	"github.com/slogtel/telemetry/slogtel"
)

// Stores give the members of an object back in shapes of their own: the message under another key,
// keys with dots as objects inside each other or the reverse, lists of keys and values. What is here
// brings them into the shape in which they were written.

// messageIn returns the kind of event that the message of an object says it is, wherever it is, and the
// object's members. It is sure if the message is under the key message.
func messageIn(all []member) (kind messageKind, plain []member, sure bool) {
	if text, ok := findString(all, "message"); ok {
		return kindOf(text), all, true
	}
	plain = make([]member, 0, len(all))
	for _, m := range all {
		m.raw = plainValue(m.raw)
		if m.isString() && kind == isOther {
			kind = kindOf(m.text())
		}
		plain = append(plain, m)
	}
	return kind, plain, false
}

// plainValue returns the value that raw stands for. OTLP writes a value as an object whose only key says
// its type, such as {"stringValue":"a"}, and attributes as [{"key":"a","value":…}].
func plainValue(raw []byte) []byte {
	switch {
	case len(raw) == 0:
	case raw[0] == '{':
		if all := members(raw); len(all) == 1 && strings.HasSuffix(all[0].key, "Value") {
			return all[0].raw
		}
	case raw[0] == '[':
		var pairs []member
		for _, v := range elements(raw) {
			all := members(v)
			key, ok := findString(all, "key")
			value := find(all, slogtel.KeyValue)
			if !ok || value == nil || len(all) != 2 {
				return raw
			}
			pairs = append(pairs, member{key, plainValue(value.raw)})
		}
		if len(pairs) > 0 {
			return object(pairs)
		}
	}
	return raw
}

// ownMembers returns the members of the object slogtel of an ECS line, and nil where there is none.
func ownMembers(all []member) (own []member) {
	if m := find(all, "slogtel"); m != nil && m.isObject() {
		return members(m.raw)
	}
	for _, m := range all {
		if key, ok := strings.CutPrefix(m.key, "slogtel."); ok {
			own = append(own, member{key, m.raw})
		}
	}
	return own
}

// spread returns the members of an ECS line with dots in their keys in place of objects, but for the
// two objects that the line has of its own.
func spread(all []member) (out []member) {
	var labels []member
	for _, m := range all {
		switch {
		case m.key == "labels" || m.key == "slogtel":
			out = append(out, m)
		case strings.HasPrefix(m.key, "slogtel."):
		case strings.HasPrefix(m.key, "labels."):
			labels = append(labels, member{m.key[len("labels."):], m.raw})
		case m.isObject():
			for _, in := range members(m.raw) {
				in.key = m.key + "." + in.key
				out = append(out, in)
			}
		default:
			out = append(out, m)
		}
	}
	if labels != nil {
		out = append(out, member{"labels", object(labels)})
	}
	return out
}
