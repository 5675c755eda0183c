package jsonlines

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/jsonenc"
	"github.com/slogtel/telemetry/slogtel"
)

// A cloudFormat is the layout of lines that a vendor's log service reads: names for what
// every line has, and places for the attributes that the service knows.
type cloudFormat struct {
	// reserved are the keys at the root that mean something to the service.
	reserved map[string]bool

	// start adds what a line begins with.
	start func(l *cloudLine, o *Options, r *slog.Record)

	// place adds an attribute at the root that the service has a place for, and reports
	// whether it is one.
	place func(l *cloudLine, o *Options, a slog.Attr, telemetry bool) bool

	// finish adds what depends on all of an event; it may be nil.
	finish func(l *cloudLine, o *Options, r *slog.Record)
}

// cloudHandler writes lines of a cloudFormat. It is never modified once it has been handed
// out.
type cloudHandler struct {
	out    *output
	format *cloudFormat
	opts   *Options
	added  []cloudAdded
	groups []string
}

// cloudAdded is what one call of WithGroup or WithAttrs has added.
type cloudAdded struct {
	group string
	attrs []slog.Attr
}

var _ slog.Handler = (*cloudHandler)(nil)

func newCloud(out *output, o *Options) *cloudHandler {
	opts := *o
	return &cloudHandler{out: out, format: cloudFormats[o.Schema], opts: &opts}
}

var cloudFormats = map[Schema]*cloudFormat{GoogleCloud: &googleFormat, Datadog: &datadogFormat, EMF: &emfFormat}

func (h *cloudHandler) Enabled(_ context.Context, l slog.Level) bool {
	if h.opts.Level == nil {
		return l >= slog.LevelInfo
	}
	return l >= h.opts.Level.Level()
}

func (h *cloudHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	attrs = replaceAttrs(slices.Clone(attrs), h.groups, h.opts.ReplaceAttr)
	return h.with(cloudAdded{attrs: attrs})
}

func (h *cloudHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	h2 := h.with(cloudAdded{group: name})
	h2.groups = append(slices.Clip(h.groups), name)
	return h2
}

func (h *cloudHandler) with(a cloudAdded) *cloudHandler {
	h2 := *h
	h2.added = append(slices.Clip(h.added), a)
	return &h2
}

// nested returns what was added, as attributes at the root, with inside in the group that
// is open last.
func nested(added []cloudAdded, inside []slog.Attr) (attrs []slog.Attr) {
	for i, a := range added {
		if a.group != "" {
			if members := nested(added[i+1:], inside); len(members) > 0 {
				attrs = append(attrs, slog.Attr{Key: a.group, Value: slog.GroupValue(members...)})
			}
			return attrs
		}
		attrs = append(attrs, a.attrs...)
	}
	return append(attrs, inside...)
}

func (h *cloudHandler) Handle(_ context.Context, r slog.Record) error {
	if h.opts.ReplaceAttr != nil {
		r = replaceRecord(r, h.groups, h.opts.ReplaceAttr)
	}
	if r.Time.IsZero() {
		r.Time = time.Now()
	}
	l := &cloudLine{at: make(map[string]int)}
	h.format.start(l, h.opts, &r)
	if !slogtel.IsTelemetry(r) {
		h.add(l, nested(h.added, recordAttrs(&r)), false, nil)
		return h.out.writeLine(l.bytes())
	}
	h.add(l, nested(h.added, nil), false, func(key string) bool { return !event.Reserved(key) })
	flat := unwrapped(r)
	h.add(l, recordAttrs(&flat), true, nil)
	if h.format.finish != nil {
		h.format.finish(l, h.opts, &flat)
	}
	return h.out.writeLine(l.bytes())
}

// add adds attributes to the root, which are those of an event's record or others. Allowed
// says which keys others may have beside an event; nil is all.
func (h *cloudHandler) add(l *cloudLine, attrs []slog.Attr, ofEvent bool, allowed func(string) bool) {
	for _, a := range attrs {
		a.Value = a.Value.Resolve()
		if isNothing(a) {
			continue
		}
		if a.Key == "" && a.Value.Kind() == slog.KindGroup {
			if l.enter() {
				h.add(l, a.Value.Group(), ofEvent, allowed)
			}
			l.depth--
			continue
		}
		ours := ofEvent && isEventKey(a.Key)
		switch {
		case (ours || !ofEvent && allowed == nil) && h.format.place(l, h.opts, a, ours):
		case ours:
			l.set(a.Key, a.Value)
		case h.format.reserved[a.Key] || allowed != nil && !allowed(a.Key):
			l.set(event.UserPrefix+a.Key, a.Value)
		default:
			l.set(a.Key, a.Value)
		}
	}
}

// isEventKey reports whether a key is one of package slogtel.
func isEventKey(key string) bool {
	switch key {
	case slog.TimeKey, slog.LevelKey, slog.MessageKey, slog.SourceKey:
		return false
	}
	return event.Reserved(key)
}

// cloudLayout says what of a line can be cut.
var cloudLayout = cutLayout{
	root: func(key string, telemetry bool) cutRank {
		switch key {
		case "message", "msg", "error":
			return rankContent
		case "time", "timestamp", "level", "severity", "status", "service", "serviceContext", emfKey,
			googleTrace, googleSpan, datadogTrace, datadogSpan, datadogEnv, datadogVersion, datadogDuration:
			return rankOwn
		}
		switch {
		case !telemetry || !isEventKey(key):
			return rankUser
		case key == slogtel.KeyValue || key == slogtel.KeyRawPreview:
			return rankContent
		}
		return rankOwn
	},
	nested: func(_, _ string, root cutRank) cutRank { return root },
}

// cloudLine is a line in the making. A key that is set twice keeps its place and gets the
// later value.
type cloudLine struct {
	attrs []slog.Attr
	at    map[string]int

	depth  int  // of the group that is being read
	cyclic bool // a group held itself, or was as deep as if it did
}

// enter begins a group, and reports whether it may be read. The caller lessens depth after it.
func (l *cloudLine) enter() bool {
	l.depth++
	l.cyclic = l.cyclic || l.depth > maxLabelDepth
	return !l.cyclic
}

func (l *cloudLine) set(key string, v slog.Value) {
	if i, ok := l.at[key]; ok {
		l.attrs[i].Value = v
		return
	}
	l.at[key] = len(l.attrs)
	l.attrs = append(l.attrs, slog.Attr{Key: key, Value: v})
}

func (l *cloudLine) setText(key, v string) {
	if v != "" {
		l.set(key, slog.StringValue(v))
	}
}

func (l *cloudLine) get(key string) slog.Value {
	if i, ok := l.at[key]; ok {
		return l.attrs[i].Value
	}
	return slog.Value{}
}

func (l *cloudLine) bytes() []byte {
	b := append(make([]byte, 0, 1024), '{')
	b = l.appendMembers(b, l.attrs)
	return append(b, '}', '\n')
}

// appendMembers appends the members of an object, without those that are empty.
func (l *cloudLine) appendMembers(dst []byte, attrs []slog.Attr) []byte {
	for _, a := range attrs {
		before := len(dst)
		if dst[before-1] != '{' {
			dst = append(dst, ',')
		}
		dst = jsonenc.AppendKey(dst, a.Key)
		v := a.Value
		switch v.Kind() {
		case slog.KindGroup:
			entered := l.enter()
			if entered {
				dst = l.appendMembers(append(dst, '{'), l.distinctMembers(v.Group()))
			} else {
				dst = jsonenc.AppendString(dst, "!ERROR:groups nested too deep")
			}
			l.depth--
			switch {
			case entered && dst[len(dst)-1] == '{':
				dst = dst[:before]
			case entered:
				dst = append(dst, '}')
			}
		case slog.KindTime:
			if y := v.Time().Year(); y < 0 || y > 9999 {
				dst = jsonenc.AppendString(dst, v.Time().Format(time.RFC3339Nano))
				continue
			}
			dst = jsonenc.AppendTime(dst, v.Time())
		default:
			dst = jsonenc.AppendValue(dst, v)
		}
	}
	return dst
}

// distinctMembers returns the members of a group with their values resolved, each key once.
func (l *cloudLine) distinctMembers(attrs []slog.Attr) []slog.Attr {
	group := cloudLine{at: make(map[string]int, len(attrs))}
	l.inline(&group, attrs)
	return group.attrs
}

func (l *cloudLine) inline(group *cloudLine, attrs []slog.Attr) {
	for _, a := range attrs {
		a.Value = a.Value.Resolve()
		switch {
		case isNothing(a):
		case a.Key == "" && a.Value.Kind() == slog.KindGroup:
			if l.enter() {
				l.inline(group, a.Value.Group())
			}
			l.depth--
		default:
			group.set(a.Key, a.Value)
		}
	}
}
