package live

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"unicode/utf8"

	slogmulti "github.com/samber/slog-multi"

	"github.com/slogtel/telemetry/internal/anytext"
	"github.com/slogtel/telemetry/scope"
)

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
	return settle(list[0], 0)
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

// settle makes a plain value of any, or a group of such. It may panic.
func settle(a slog.Attr, depth int) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindGroup:
		if depth >= maxDepth {
			return slog.String(a.Key, "...")
		}
		members := v.Group()
		list := make([]slog.Attr, 0, min(len(members), maxAttrs))
		for _, m := range members[:min(len(members), maxAttrs)] {
			m = settle(m, depth+1)
			m.Key = cutText(m.Key)
			list = append(list, m)
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(list...)}
	case slog.KindAny:
		if v.Any() == nil && a.Key == "" {
			return a
		}
		return slog.String(a.Key, cutText(anytext.OfValue(v)))
	case slog.KindString:
		return slog.String(a.Key, cutText(v.String()))
	}
	return slog.Attr{Key: a.Key, Value: v}
}

// safe makes a plain value of one that the app may change meanwhile: nothing is called and no map,
// slice or pointer is looked into. Such a value is shown as its type.
func safe(a slog.Attr, depth int) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindGroup:
		if depth >= maxDepth {
			return slog.String(a.Key, "...")
		}
		members := a.Value.Group()
		list := make([]slog.Attr, 0, min(len(members), maxAttrs))
		for _, m := range members[:min(len(members), maxAttrs)] {
			list = append(list, safe(m, depth+1))
		}
		return slog.Attr{Key: cutText(a.Key), Value: slog.GroupValue(list...)}
	case slog.KindAny, slog.KindLogValuer:
		v := a.Value.Any()
		text := fmt.Sprintf("%T", v)
		switch r := reflect.ValueOf(v); r.Kind() {
		case reflect.String:
			text = r.String()
		case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
			reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
			if a.Value.Kind() == slog.KindAny {
				text = fmt.Sprint(reflect.ValueOf(v).Convert(basic(r.Kind())).Interface())
			}
		}
		if a.Value.Kind() == slog.KindLogValuer {
			text = fmt.Sprintf("%T", v)
		}
		return slog.String(cutText(a.Key), cutText(text))
	case slog.KindString:
		return slog.String(cutText(a.Key), cutText(a.Value.String()))
	}
	return slog.Attr{Key: cutText(a.Key), Value: a.Value}
}

// basic is a type without methods.
func basic(k reflect.Kind) reflect.Type {
	switch k {
	case reflect.Bool:
		return reflect.TypeFor[bool]()
	case reflect.Float32, reflect.Float64:
		return reflect.TypeFor[float64]()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return reflect.TypeFor[uint64]()
	}
	return reflect.TypeFor[int64]()
}

// textOf is how many bytes of text v has.
func textOf(v slog.Value) (n int64) {
	switch v.Kind() {
	case slog.KindString:
		return int64(len(v.String()))
	case slog.KindGroup:
		for _, a := range v.Group() {
			n += attrSize + int64(len(a.Key)) + textOf(a.Value)
		}
	}
	return n
}

// cutText returns s, or a copy of as much of it as is kept, with a mark. Of a secret that is cut
// nobody would know that it is one: the word at the cut goes, and digits before it. Of a longer word that is a URL goes
// what may be a password.
func cutText(s string) string {
	if len(s) <= maxText {
		return s
	}
	return cut(s)
}

func cut(s string) string {
	n := maxText
	for n > maxText-utf8.UTFMax && !utf8.RuneStart(s[n]) {
		n--
	}
	if i := strings.LastIndexAny(s[:n], " \t\n\r,;&|"); i > maxText/2 {
		n = i
	} else if i := strings.LastIndex(s[:n], "://"); i >= 0 && !strings.ContainsAny(s[i+len("://"):n], "/@") {
		n = i + len("://")
	}
	return strings.Clone(strings.TrimRight(s[:n], " -.0123456789")) + "…"
}
