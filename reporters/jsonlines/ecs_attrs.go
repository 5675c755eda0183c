package jsonlines

import (
	"bytes"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/slogtel/telemetry/internal/jsonenc"
	"github.com/slogtel/telemetry/slogtel"
)

// ecsAttrs are attributes in the form in which an ECS line has them. All byte slices are
// JSON tokens in text, or in an array that text had before it grew.
type ecsAttrs struct {
	labels []ecsLabel
	fields ecsFields
	taking taking

	prefix []byte // of the names of labels: the groups that are open, each with its _
	text   []byte
	depth  int
	cyclic bool // a group held itself, or was as deep as if it did
}

type ecsLabel struct {
	key, value []byte // the key without quotes; nil: another label took its place
	field      bool   // also found in fields, which ordinary records use
}

// ecsFields are what ECS has a place for, among the attributes at the root of an
// ordinary record. Nil is absent.
type ecsFields struct {
	traceID, spanID, scope, err, errType []byte
}

// taking says what is done with attributes that could be ecsFields.
type taking uint8

const (
	takeLabels taking = iota // labels, like all others
	takeFields
	takeBoth // both: a handler does not know yet what records will come
)

// maxLabelDepth is how deep groups may be nested: a LogValuer can return a group that holds
// itself.
const maxLabelDepth = 100

func (a *ecsAttrs) reset() {
	clear(a.labels)
	a.labels, a.fields = a.labels[:0], ecsFields{}
	a.prefix, a.text = a.prefix[:0], a.text[:0]
	a.depth, a.cyclic = 0, false
}

func (a *ecsAttrs) clone() ecsAttrs {
	return ecsAttrs{labels: slices.Clone(a.labels), fields: a.fields}
}

// add adds one attribute. The result is always true, for [slog.Record.Attrs] to go on.
func (a *ecsAttrs) add(attr slog.Attr) bool {
	v := attr.Value
	if v.Kind() == slog.KindLogValuer {
		v = v.Resolve()
	}
	switch v.Kind() {
	case slog.KindGroup:
		a.addGroup(attr.Key, v.Group())
		return true
	case slog.KindAny:
		if v.Any() == nil {
			return true // there is nothing to say
		}
	}
	field := false
	if a.taking != takeLabels && len(a.prefix) == 0 {
		if field = a.addField(attr.Key, v); field && a.taking == takeFields {
			return true
		}
	}
	a.addLabel(attr.Key, v, field)
	return true
}

func (a *ecsAttrs) addGroup(key string, members []slog.Attr) {
	if len(members) == 0 {
		return
	}
	if a.depth == maxLabelDepth {
		a.cyclic = true
	}
	if a.cyclic {
		a.addLabel(key, slog.StringValue("!ERROR:groups nested too deep"), false)
		return
	}
	before := len(a.prefix)
	if key != "" {
		a.prefix = append(appendLabelName(a.prefix, key), '_')
	}
	a.depth++
	for _, m := range members {
		a.add(m)
	}
	a.depth--
	a.prefix = a.prefix[:before]
}

func (a *ecsAttrs) addLabel(key string, v slog.Value, field bool) {
	if len(a.prefix) == 0 && isBlank(key) {
		key = "_" // no index takes such a name
	}
	from := len(a.text)
	a.text = append(a.text, a.prefix...)
	a.text = appendLabelName(a.text, key)
	to := len(a.text)
	a.text = appendECSText(a.text, v)
	a.labels = append(a.labels, ecsLabel{a.text[from:to:to], slices.Clip(a.text[to:]), field})
}

func isBlank(s string) bool {
	return s == "" || !('!' <= s[0] && s[0] <= '~') && strings.TrimSpace(s) == ""
}

// addField adds an attribute that ECS has a place for, and reports whether it is one.
func (a *ecsAttrs) addField(key string, v slog.Value) bool {
	text := v.Kind() == slog.KindString
	var to *[]byte
	switch key {
	case slogtel.KeyTraceID:
		to = &a.fields.traceID
	case slogtel.KeySpanID:
		to = &a.fields.spanID
	case slogtel.KeyScope:
		to = &a.fields.scope
	case slogtel.KeyError, "err":
		to = &a.fields.err
		if text {
			a.fields.errType = nil
		} else if v.Kind() == slog.KindAny {
			var err error
			if err, text = v.Any().(error); text {
				a.fields.errType = a.token(slog.StringValue(reflect.TypeOf(err).String()))
			}
		}
	}
	if to == nil || !text {
		return false
	}
	*to = a.token(v)
	return true
}

// token appends v to a.text as a JSON string and returns it.
func (a *ecsAttrs) token(v slog.Value) []byte {
	from := len(a.text)
	a.text = appendECSText(a.text, v)
	return slices.Clip(a.text[from:])
}

// or returns f with what it lacks from g.
func (f ecsFields) or(g ecsFields) ecsFields {
	if f.err == nil {
		f.err, f.errType = g.err, g.errType
	}
	if f.traceID == nil {
		f.traceID = g.traceID
	}
	if f.spanID == nil {
		f.spanID = g.spanID
	}
	if f.scope == nil {
		f.scope = g.scope
	}
	return f
}

// distinctLabels removes the labels whose key comes again later. If there are many labels it
// returns the set of their keys.
func distinctLabels(labels []ecsLabel) map[string]bool {
	const few = 32
	if len(labels) <= few {
		for i := range labels {
			if hasLabel(labels[i+1:], labels[i].key) {
				labels[i].key = nil
			}
		}
		return nil
	}
	seen := make(map[string]bool, len(labels))
	for i := len(labels) - 1; i >= 0; i-- {
		l := &labels[i]
		if seen[string(l.key)] {
			l.key = nil
		} else {
			seen[string(l.key)] = true
		}
	}
	return seen
}

func hasLabel(labels []ecsLabel, key []byte) bool {
	for i := range labels {
		if bytes.Equal(labels[i].key, key) {
			return true
		}
	}
	return false
}

// appendLabelName appends name as it stands inside the quotes of a label's key, with an
// underscore for each of the characters that the specification of ECS loggers forbids.
func appendLabelName(dst []byte, name string) []byte {
	if strings.IndexByte(name, '\\') >= 0 {
		name = strings.ReplaceAll(name, `\`, "_")
	}
	n := len(dst)
	dst = jsonenc.AppendString(dst, name)
	copy(dst[n:], dst[n+1:len(dst)-1])
	dst = dst[:len(dst)-2]
	for i, c := range dst[n:] {
		if c == '.' || c == '*' { // in no escape
			dst[n+i] = '_'
		}
	}
	return dst
}

// appendECSText appends v as a JSON string, whatever its kind: the digits of a number, the
// JSON of what has parts.
func appendECSText(dst []byte, v slog.Value) []byte {
	n := len(dst)
	switch v.Kind() {
	case slog.KindString:
		return jsonenc.AppendString(dst, v.String())
	case slog.KindTime:
		if y := v.Time().Year(); y < 0 || y > 9999 {
			return jsonenc.AppendString(dst, v.Time().Format(time.RFC3339Nano))
		}
		return jsonenc.AppendTime(dst, v.Time())
	case slog.KindAny:
		dst = jsonenc.AppendAny(dst, v.Any())
		if dst[n] == '"' {
			return dst
		}
		return jsonenc.AppendString(dst[:n], string(dst[n:]))
	case slog.KindGroup:
		dst = appendGroup(dst, v.Group(), 0)
		return jsonenc.AppendString(dst[:n], string(dst[n:]))
	}
	dst = jsonenc.AppendValue(append(dst, '"'), v)
	if dst[n+1] == '"' { // what a float that is not finite becomes
		return append(dst[:n], dst[n+1:]...)
	}
	return append(dst, '"')
}

// appendGroup appends the JSON object of a group.
func appendGroup(dst []byte, members []slog.Attr, depth int) []byte {
	dst = append(dst, '{')
	for _, m := range members {
		v := m.Value.Resolve()
		if dst[len(dst)-1] != '{' {
			dst = append(dst, ',')
		}
		dst = jsonenc.AppendKey(dst, m.Key)
		switch {
		case v.Kind() != slog.KindGroup:
			dst = jsonenc.AppendValue(dst, v)
		case depth == maxInnerDepth:
			dst = append(dst, "null"...)
		default:
			dst = appendGroup(dst, v.Group(), depth+1)
		}
	}
	return append(dst, '}')
}

// maxInnerDepth bounds groups inside a value, where few are expected.
const maxInnerDepth = 16
