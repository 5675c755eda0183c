package slogjson

import (
	"log/slog"

	"github.com/slogtel/telemetry/internal/jsonenc"
	"github.com/slogtel/telemetry/internal/slogattrs"
)

// attr writes one attribute, and sets l.wrote unless it is empty: the zero Attr is, and a group
// whose members all are. A group that has no members is not, though nothing is written of it: that
// is the standard handler's way.
func (l *line) attr(a *slog.Attr) {
	if l.replace == nil { // most attributes
		if text, ok := slogattrs.Text(&a.Value); ok {
			l.buf = jsonenc.AppendString(l.key(a.Key), text)
			l.wrote = true
			return
		}
	}
	key, v := a.Key, a.Value
	kind := v.Kind()
	if kind == slog.KindLogValuer {
		v = v.Resolve()
		kind = v.Kind()
	}
	if l.replace != nil && kind != slog.KindGroup {
		key, v = l.replaced(key, v)
		kind = v.Kind()
	}
	switch kind {
	case slog.KindString:
		l.buf = jsonenc.AppendString(l.key(key), v.String())
	case slog.KindInt64:
		l.buf = jsonenc.AppendInt(l.key(key), v.Int64())
	case slog.KindFloat64:
		l.buf = jsonenc.AppendFloat(l.key(key), v.Float64())
	case slog.KindBool:
		l.buf = jsonenc.AppendBool(l.key(key), v.Bool())
	case slog.KindDuration:
		l.buf = jsonenc.AppendInt(l.key(key), int64(v.Duration()))
	case slog.KindUint64:
		l.buf = jsonenc.AppendUint(l.key(key), v.Uint64())
	case slog.KindTime:
		clock := &l.attrClock
		if l.builtIn {
			clock = &l.clock
		}
		l.buf = clock.AppendTime(l.key(key), v.Time())
	case slog.KindGroup:
		l.group(key, v.Group())
		return
	default:
		l.any(key, v.Any())
		return
	}
	l.wrote = true
}

// replaced asks the app's function what to write in place of an attribute. What it is given is
// resolved, and so is what it returns.
func (l *line) replaced(key string, v slog.Value) (string, slog.Value) {
	groups := l.groups
	if l.builtIn {
		groups = nil
	}
	a := l.replace(groups, slog.Attr{Key: key, Value: v})
	return a.Key, a.Value.Resolve()
}

// any writes a value that is none of slog's own kinds.
func (l *line) any(key string, v any) {
	switch v := v.(type) {
	case nil:
		if key == "" {
			return
		}
	case *slog.Source:
		l.source(key, v)
		return
	}
	l.buf = jsonenc.AppendAny(l.key(key), v)
	l.wrote = true
}

// key writes a key, up to its colon, and returns the buffer for the value to be appended.
func (l *line) key(k string) []byte {
	b := l.buf
	if l.comma {
		b = append(b, ',')
	}
	l.comma = true
	return jsonenc.AppendKey(b, k)
}
