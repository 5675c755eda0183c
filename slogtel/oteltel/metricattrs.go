package oteltel

import (
	"fmt"
	"log/slog"
	"strconv"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/slogtel/telemetry/internal/allow"
	"github.com/slogtel/telemetry/internal/event"
)

const (
	maxKeys  = 16
	maxValue = 200  // bytes
	maxSets  = 4096 // that are kept for later events
)

// listOf returns the keys that can be listed, and tells of the others.
func listOf(keys []string, onError func(error)) *allow.List {
	same := func(key string) string { return key }
	report := reportOnce{call: onError}
	list, _ := allow.New("AttributeKeys", "attribute", maxKeys, nil, same)
	var good []string
	for _, key := range keys {
		with, err := allow.New("AttributeKeys", "attribute", maxKeys, append(good, key), same)
		if err != nil {
			report.report(fmt.Errorf("oteltel: what cannot be listed is left out: %w", err))
			continue
		}
		list, good = with, append(good, key)
	}
	return list
}

// boundValues are what WithAttrs has given, by slot; nil: none. They are immutable.
type boundValues []slog.Value

// with returns b and what is listed among attrs, which are in the groups of open.
func (r *recorder) with(b boundValues, open string, attrs []slog.Attr) boundValues {
	next := make(boundValues, r.keys.Len())
	copy(next, b)
	r.keys.Find([]byte(open), attrs, func(slot int, v slog.Value) { next[slot] = v })
	return next
}

// An attrSet is a set of attributes, in the form that instruments take.
type attrSet struct {
	add    []metric.AddOption
	record []metric.RecordOption
}

var noAttrs attrSet

// attrSets remembers sets, so that an event costs no more than looking one up.
type attrSets struct {
	mu  sync.RWMutex
	all map[string]*attrSet
}

// attrsOf returns the attributes that e has as a metric.
func (r *recorder) attrsOf(e *event.Sample, rec *slog.Record, bound boundValues) *attrSet {
	n := r.keys.Len()
	if n == 0 {
		return &noAttrs
	}
	var scratch [maxKeys]slog.Value
	var text [256]byte
	values := scratch[:n]
	copy(values, bound)
	front, back := e.Attrs(rec)
	found := func(slot int, v slog.Value) { values[slot] = v }
	r.keys.Find(nil, front, found)
	r.keys.Find(nil, back, found)
	if i := r.keys.Failed(); i >= 0 {
		values[i] = slog.Value{}
		if e.Type == event.TypeTiming {
			values[i] = slog.BoolValue(e.Error != "")
		}
	}
	key := text[:0]
	cut := false
	for _, v := range values {
		var c bool
		key, c = appendValue(key, v)
		cut = cut || c
	}
	if cut {
		r.truncated.Add(1)
	}
	r.sets.mu.RLock()
	set := r.sets.all[string(key)]
	r.sets.mu.RUnlock()
	if set == nil {
		set = r.newSet(values)
		r.sets.mu.Lock()
		if len(r.sets.all) < maxSets {
			r.sets.all[string(key)] = set
		}
		r.sets.mu.Unlock()
	}
	return set
}

func (r *recorder) newSet(values []slog.Value) *attrSet {
	var list []attribute.KeyValue
	for i, v := range values {
		if isNone(v) {
			continue
		}
		kv := attribute.KeyValue{Key: attribute.Key(valid(r.keys.Name(i)))}
		switch v.Kind() {
		case slog.KindInt64, slog.KindBool, slog.KindFloat64:
			kv.Value = valueOf(v)
		default:
			text, _ := textOf(v)
			kv.Value = attribute.StringValue(text)
		}
		list = append(list, kv)
	}
	if len(list) == 0 {
		return &noAttrs
	}
	option := metric.WithAttributeSet(attribute.NewSet(list...))
	return &attrSet{[]metric.AddOption{option}, []metric.RecordOption{option}}
}

// isNone reports whether an event does not have the attribute.
func isNone(v slog.Value) bool { return v.Kind() == slog.KindAny && v.Any() == nil }

// appendValue appends what tells v from other values, and reports whether its text was cut.
func appendValue(dst []byte, v slog.Value) (_ []byte, cut bool) {
	dst = append(dst, byte(v.Kind()))
	switch v.Kind() {
	case slog.KindInt64:
		dst = strconv.AppendInt(dst, v.Int64(), 36)
	case slog.KindBool:
		dst = strconv.AppendBool(dst, v.Bool())
	case slog.KindFloat64:
		dst = strconv.AppendFloat(dst, v.Float64(), 'g', -1, 64)
	default:
		if !isNone(v) {
			var text string
			text, cut = textOf(v)
			dst = append(dst, '=')
			dst = append(dst, text...)
		}
	}
	return append(dst, 0xFF), cut // UTF-8 has no such byte
}

// textOf returns the text of a value, cut and as UTF-8.
func textOf(v slog.Value) (text string, cut bool) {
	if text = valid(printed(v)); len(text) <= maxValue {
		return text, false
	}
	n := maxValue
	for n > 0 && text[n]&0xC0 == 0x80 { // inside a character
		n--
	}
	return text[:n], true
}
