package jsonlines

import (
	"bytes"
	"log/slog"
	"reflect"
	"slices"
	"strings"

	"github.com/slogtel/telemetry/internal/jsonenc"
	"github.com/slogtel/telemetry/slogtel"
)

// ecsAttrs are attributes in the form in which an ECS line has them. All byte slices are
// JSON tokens in text, or in an array that text had before it grew.
type ecsAttrs struct {
	labels []ecsLabel
	fields ecsFields

	takesFields bool   // attributes at the root can be fields
	prefix      []byte // of the names of labels: the groups that are open, each with its _
	text        []byte
	depth       int
	cyclic      bool // a group held itself, or was as deep as if it did
}

type ecsLabel struct {
	key, value []byte // the key without quotes; nil: another label took its place
}

// ecsFields are what ECS has a place for, among the attributes at the root of an
// ordinary record. Nil is absent.
type ecsFields struct {
	traceID, spanID, scope, err, errType []byte
}

func (a *ecsAttrs) reset() {
	clear(a.labels)
	*a = ecsAttrs{labels: a.labels[:0], prefix: a.prefix[:0], text: a.text[:0]}
}

// enter opens a group.
func (a *ecsAttrs) enter(name string) {
	a.prefix = append(appendLabelName(a.prefix, name), '_')
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
	if !a.takesFields || len(a.prefix) > 0 || !a.addField(attr.Key, v) {
		a.addLabel(attr.Key, v)
	}
	return true
}

func (a *ecsAttrs) addGroup(key string, members []slog.Attr) {
	if len(members) == 0 {
		return
	}
	a.cyclic = a.cyclic || a.depth == maxDepth
	if a.cyclic {
		a.addLabel(key, slog.StringValue(tooDeep))
		return
	}
	before := len(a.prefix)
	if key != "" {
		a.enter(key)
	}
	a.depth++
	for _, m := range members {
		a.add(m)
	}
	a.depth--
	a.prefix = a.prefix[:before]
}

func (a *ecsAttrs) addLabel(key string, v slog.Value) {
	if len(a.prefix) == 0 && isBlank(key) {
		key = "_" // no index takes such a name
	}
	from := len(a.text)
	a.text = append(a.text, a.prefix...)
	a.text = appendLabelName(a.text, key)
	to := len(a.text)
	a.text = appendECSText(a.text, v)
	a.labels = append(a.labels, ecsLabel{a.text[from:to:to], slices.Clip(a.text[to:])})
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

// forgetDoubles forgets the labels whose key comes again later.
func forgetDoubles(labels []ecsLabel) {
	const few = 32 // that are quicker without a map
	if len(labels) <= few {
		for i := range labels {
			for k := range labels[i+1:] {
				if bytes.Equal(labels[i].key, labels[i+1+k].key) {
					labels[i].key = nil
				}
			}
		}
		return
	}
	seen := make(map[string]bool, len(labels))
	for i := len(labels) - 1; i >= 0; i-- {
		l := &labels[i]
		if seen[string(l.key)] {
			l.key = nil
			continue
		}
		seen[string(l.key)] = true
	}
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
		return appendValue(dst, v)
	case slog.KindAny:
		dst = jsonenc.AppendAny(dst, v.Any())
		if dst[n] == '"' {
			return dst
		}
		return jsonenc.AppendString(dst[:n], string(dst[n:]))
	case slog.KindGroup:
		dst = appendObject(dst, resolved(v.Group(), nil, nil), appendValue)
		return jsonenc.AppendString(dst[:n], string(dst[n:]))
	}
	dst = jsonenc.AppendValue(append(dst, '"'), v)
	if dst[n+1] == '"' { // what a float that is not finite becomes
		return append(dst[:n], dst[n+1:]...)
	}
	return append(dst, '"')
}
