package live

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"time"
)

// Attrs are attributes in the order in which they were given; in JSON they are an object.
type Attrs []Attr

// An Attr is an attribute. The value is a bool, a number, a string, or Attrs.
type Attr struct {
	Key   string
	Value any
}

// MarshalJSON writes an object, in order. Of two with one key the last one counts.
func (a Attrs) MarshalJSON() ([]byte, error) {
	last := make(map[string]int, len(a))
	for i, x := range a {
		last[x.Key] = i
	}
	b := []byte{'{'}
	for i, x := range a {
		if last[x.Key] != i {
			continue
		}
		key, _ := json.Marshal(x.Key)
		value, err := json.Marshal(x.Value)
		if err != nil {
			return nil, err
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(append(append(b, key...), ':'), value...)
	}
	return append(b, '}'), nil
}

// UnmarshalJSON reads an object, whose members keep their order.
func (a *Attrs) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.Join(errors.New("live: attributes are no object"), err)
	}
	*a = nil
	for d.More() {
		key, err := d.Token() // a string
		if err != nil {
			return err
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return err
		}
		var value any
		if raw[0] == '{' {
			var group Attrs
			err = group.UnmarshalJSON(raw)
			value = group
		} else {
			err = json.Unmarshal(raw, &value)
		}
		if err != nil {
			return err
		}
		*a = append(*a, Attr{key.(string), value})
	}
	return nil
}

func attrsOf(list []slog.Attr) Attrs {
	var out Attrs
	for _, a := range list {
		if a.Key == "" && a.Value.Kind() == slog.KindGroup {
			out = append(out, attrsOf(a.Value.Group())...)
			continue
		}
		out = append(out, Attr{a.Key, plainOf(a.Value)})
	}
	return out
}

// plainOf is a value as JSON has it.
func plainOf(v slog.Value) any {
	switch v.Kind() {
	case slog.KindBool:
		return v.Bool()
	case slog.KindInt64:
		return v.Int64()
	case slog.KindUint64:
		return v.Uint64()
	case slog.KindFloat64:
		if f := v.Float64(); finite(f) {
			return f
		}
	case slog.KindGroup:
		return attrsOf(v.Group())
	case slog.KindTime:
		return v.Time().Format(time.RFC3339Nano)
	}
	return v.String()
}
