package jsonlines

import (
	"log/slog"

	"github.com/slogtel/telemetry/internal/event"
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

var cloudFormats = map[Schema]*cloudFormat{GoogleCloud: &googleFormat, Datadog: &datadogFormat, EMF: &emfFormat}

func (f *cloudFormat) line(o *other, r slog.Record) error {
	l := new(cloudLine)
	r.Time = timeOf(&r)
	f.start(l, o.opts, &r)
	if !slogtel.IsTelemetry(r) {
		own := resolved(recordAttrs(&r), nil, nil)
		f.add(l, o.opts, o.bound.WithAttrs(own).Attrs(), false, nil)
		return o.out.writeLine(l.bytes())
	}
	f.add(l, o.opts, o.bound.Attrs(), false, func(key string) bool { return !event.Reserved(key) })
	r = unwrapped(r)
	f.add(l, o.opts, resolved(recordAttrs(&r), nil, nil), true, nil)
	if f.finish != nil {
		l.attrs = distinct(l.attrs)
		f.finish(l, o.opts, &r)
	}
	return o.out.writeLine(l.bytes())
}

// add adds attributes to the root, which are those of an event's record or others. Allowed
// says which keys others may have beside an event; nil is all.
func (f *cloudFormat) add(l *cloudLine, o *Options, attrs []slog.Attr, ofEvent bool, allowed func(string) bool) {
	for _, a := range attrs {
		ours := ofEvent && isEventKey(a.Key)
		switch {
		case (ours || !ofEvent && allowed == nil) && f.place(l, o, a, ours):
		case ours:
			l.set(a.Key, a.Value)
		case f.reserved[a.Key] || allowed != nil && !allowed(a.Key):
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

// cloudLine is a line in the making. Of two values of a key the later one counts.
type cloudLine struct{ attrs []slog.Attr }

func (l *cloudLine) set(key string, v slog.Value) {
	l.attrs = append(l.attrs, slog.Attr{Key: key, Value: v})
}

func (l *cloudLine) setText(key, v string) {
	if v != "" {
		l.set(key, slog.StringValue(v))
	}
}

// get returns the value of a key, in a line that has each once, and the nil Value where there is none.
func (l *cloudLine) get(key string) (v slog.Value) {
	for i := range l.attrs {
		if l.attrs[i].Key == key {
			v = l.attrs[i].Value
		}
	}
	return v
}

func (l *cloudLine) bytes() []byte {
	return append(appendObject(make([]byte, 0, 1024), l.attrs, appendValue), '\n')
}
