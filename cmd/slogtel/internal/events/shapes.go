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
func messageIn(all []Member) (kind messageKind, plain []Member, sure bool) {
	if text, ok := findString(all, "message"); ok {
		return kindOf(text), all, true
	}
	plain = make([]Member, 0, len(all))
	for _, m := range all {
		m.Value = plainValue(m.Value)
		if m.IsString() && kind == isOther {
			kind = kindOf(m.Text())
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
		if all := members(raw); len(all) == 1 && strings.HasSuffix(all[0].Key, "Value") {
			return all[0].Value
		}
	case raw[0] == '[':
		var pairs []Member
		for _, v := range elements(raw) {
			all := members(v)
			key, ok := findString(all, "key")
			value := find(all, slogtel.KeyValue)
			if !ok || value == nil || len(all) != 2 {
				return raw
			}
			pairs = append(pairs, Member{key, plainValue(value.Value)})
		}
		if len(pairs) > 0 {
			return object(pairs)
		}
	}
	return raw
}

// ownMembers returns the members of the object slogtel of an ECS line, and nil where there is none.
func ownMembers(all []Member) (own []Member) {
	if m := find(all, "slogtel"); m != nil && m.IsObject() {
		return members(m.Value)
	}
	for _, m := range all {
		if key, ok := strings.CutPrefix(m.Key, "slogtel."); ok {
			own = append(own, Member{key, m.Value})
		}
	}
	return own
}

// spread returns the members of an ECS line with dots in their keys in place of objects, but for the
// two objects that the line has of its own.
func spread(all []Member) (out []Member) {
	var labels []Member
	for _, m := range all {
		switch {
		case m.Key == "labels" || m.Key == "slogtel":
			out = append(out, m)
		case strings.HasPrefix(m.Key, "slogtel."):
		case strings.HasPrefix(m.Key, "labels."):
			labels = append(labels, Member{m.Key[len("labels."):], m.Value})
		case m.IsObject():
			for _, in := range members(m.Value) {
				in.Key = m.Key + "." + in.Key
				out = append(out, in)
			}
		default:
			out = append(out, m)
		}
	}
	if labels != nil {
		out = append(out, Member{"labels", object(labels)})
	}
	return out
}
