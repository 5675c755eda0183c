package live

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	slogmulti "github.com/samber/slog-multi"

	"github.com/slogtel/telemetry/internal/anytext"
	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/slogattrs"
	"github.com/slogtel/telemetry/scope"
)

// settled returns the attributes of an event, or of an app's own log, for which e is nil, in two pieces, and
// settles the value of a metric. They are plain: nothing of the app is called under a lock, or later. R must
// not be changed while they are in use.
func settled(r *slog.Record, e *event.Sample, bound *event.Bound, clean cleaner) (front, back []slog.Attr) {
	if e != nil {
		front, back = e.Attrs(r)
		if e.Type != event.TypeTiming {
			e.Value = clean.attr(slog.Attr{Key: event.KeyValue, Value: e.Value}).Value
		}
	} else {
		front, back = slogattrs.Of(r).From(0)
		if bound.Grouped() || len(bound.Attrs()) > 0 {
			return bound.WithAttrs(clean.plain(front, back)).Attrs(), nil
		}
	}
	if !allPlain(front) || !allPlain(back) {
		return clean.plain(front, back), nil
	}
	return front, back
}

// plain returns two lists as one, with plain values.
func (c cleaner) plain(front, back []slog.Attr) []slog.Attr {
	list := make([]slog.Attr, 0, len(front)+len(back))
	for _, a := range front {
		list = append(list, c.attr(a))
	}
	for _, a := range back {
		list = append(list, c.attr(a))
	}
	return list
}

func plain(v slog.Value) bool {
	switch v.Kind() {
	case slog.KindAny, slog.KindLogValuer, slog.KindGroup:
		return false
	}
	return true
}

func allPlain(attrs []slog.Attr) bool {
	for i := range attrs {
		if !plain(attrs[i].Value) {
			return false
		}
	}
	return true
}

// A cleaner takes secrets out of what is kept and shown. It is a middleware of package redact.
type cleaner slogmulti.Middleware

// attr returns a with a value that is plain, or a group of such.
func (c cleaner) attr(a slog.Attr) (out slog.Attr) {
	if plain(a.Value) {
		return a
	}
	defer func() {
		if recover() != nil { // a method of the app's
			out = slog.String(cutText(a.Key), fmt.Sprintf("!PANIC: %T", a.Value.Any()))
		}
	}()
	r := slog.Record{}
	r.AddAttrs(a)
	list := c.record(r)
	if len(list) != 1 {
		return slog.Attr{}
	}
	if a = list[0]; a.Equal(slog.Attr{}) {
		return a
	}
	return limited(a, settle, 0)
}

// record returns the attributes of r without the secrets in them.
func (c cleaner) record(r slog.Record) (attrs []slog.Attr) {
	_, attrs = c.all(r)
	return attrs
}

func (c cleaner) all(r slog.Record) (message string, attrs []slog.Attr) {
	var got capture
	_ = c(&got).Handle(context.Background(), r) // capture has no errors
	return got.message, got.attrs
}

// path returns the path of a scope without the secrets in it.
func (c cleaner) path(s string) string {
	var got capture
	h := c(&got)
	if w, ok := h.(interface {
		ScopeStarted(context.Context, scope.Info)
	}); ok {
		w.ScopeStarted(context.Background(), scope.Info{Path: s})
		return got.path
	}
	return s
}

// capture is the handler behind a cleaner.
type capture struct {
	message string
	attrs   []slog.Attr
	path    string
}

func (*capture) Enabled(context.Context, slog.Level) bool { return true }

func (c *capture) Handle(_ context.Context, r slog.Record) error {
	c.message = r.Message
	r.Attrs(func(a slog.Attr) bool { c.attrs = append(c.attrs, a); return true })
	return nil
}

func (c *capture) WithAttrs([]slog.Attr) slog.Handler           { return c }
func (c *capture) WithGroup(string) slog.Handler                { return c }
func (c *capture) ScopeStarted(_ context.Context, s scope.Info) { c.path = s.Path }

const maxDepth = 8 // of groups

// limited returns a with what is kept of its value, and of those inside. Value makes a plain value, or a group, of any.
func limited(a slog.Attr, value func(slog.Value) slog.Value, depth int) slog.Attr {
	v := value(a.Value)
	switch v.Kind() {
	case slog.KindGroup:
		if depth >= maxDepth {
			v = slog.StringValue("...")
			break
		}
		var list []slog.Attr
		for _, m := range v.Group()[:min(len(v.Group()), maxAttrs)] {
			list = append(list, limited(m, value, depth+1))
		}
		v = slog.GroupValue(list...)
	case slog.KindString:
		v = slog.StringValue(cutText(v.String()))
	}
	return slog.Attr{Key: cutText(a.Key), Value: v}
}

// settle makes a plain value of any, or a group. It may panic.
func settle(v slog.Value) slog.Value {
	if v = v.Resolve(); v.Kind() == slog.KindAny {
		return slog.StringValue(anytext.OfValue(v))
	}
	return v
}

// safe makes a plain value of one that the app may change meanwhile: nothing is called and no map,
// slice or pointer is looked into. Such a value is shown as its type.
func safe(v slog.Value) slog.Value {
	if v.Kind() != slog.KindAny && v.Kind() != slog.KindLogValuer {
		return v
	}
	text := fmt.Sprintf("%T", v.Any())
	switch r := reflect.ValueOf(v.Any()); {
	case v.Kind() == slog.KindLogValuer:
	case r.Kind() == reflect.String:
		text = r.String()
	case r.Kind() == reflect.Bool:
		text = strconv.FormatBool(r.Bool())
	case r.CanInt():
		text = strconv.FormatInt(r.Int(), 10)
	case r.CanUint():
		text = strconv.FormatUint(r.Uint(), 10)
	case r.CanFloat():
		text = strconv.FormatFloat(r.Float(), 'g', -1, 64)
	}
	return slog.StringValue(text)
}

// cutText returns s, or a copy of as much of it as is kept, with a mark.
func cutText(s string) string {
	if len(s) <= maxText {
		return s
	}
	n := maxText
	for n > maxText-utf8.UTFMax && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.Clone(s[:n]) + "…"
}
