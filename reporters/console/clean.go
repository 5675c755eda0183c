package console

import (
	"encoding"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"

	"github.com/lmittmann/tint"

	"github.com/slogtel/telemetry/internal/anytext"
	"github.com/slogtel/telemetry/internal/termtext"
)

// A cleaner changes attributes so that tint writes nothing of them that a terminal would act
// on. Harmless attributes stay as they are.
//
// Tint quotes most of what is dangerous itself, but not DEL and ESC. With colors it turns the
// four characters \x1b of a quoted string into an ESC; without colors it drops the rest of a
// string after bytes that are not UTF-8.
type cleaner struct {
	color bool // how tint writes
}

// maxGroups is how deep groups are followed: a LogValuer can return groups that hold itself.
const maxGroups = 16

// nothingIn reports whether r can go to tint as it is.
func (c cleaner) nothingIn(r slog.Record) bool {
	ok := termtext.Is(r.Message)
	if !ok {
		return false
	}
	r.Attrs(func(a slog.Attr) bool {
		switch a.Value.Kind() {
		case slog.KindString:
			ok = c.harmless(a.Value.String())
		case slog.KindAny, slog.KindGroup, slog.KindLogValuer:
			ok = false
		}
		ok = ok && c.harmless(a.Key)
		return ok
	})
	return ok
}

func (c cleaner) appendRecord(dst []slog.Attr, r slog.Record) []slog.Attr {
	r.Attrs(func(a slog.Attr) bool {
		dst = append(dst, c.attr(a))
		return true
	})
	return dst
}

func (c cleaner) appendAttrs(dst, attrs []slog.Attr) []slog.Attr {
	for _, a := range attrs {
		dst = append(dst, c.attr(a))
	}
	return dst
}

func (c cleaner) attr(a slog.Attr) slog.Attr { return c.nested(a, maxGroups) }

func (c cleaner) nested(a slog.Attr, depth int) slog.Attr {
	return slog.Attr{Key: c.key(a.Key), Value: c.value(a.Value, depth)}
}

// keyEscapes has another escape for ESC, since tint would undo the usual one.
var keyEscapes = strings.NewReplacer(literalESC, `\u001b`, "\ufffd", `\ufffd`)

// key cleans a key or the name of a group.
func (c cleaner) key(s string) string {
	if c.harmless(s) {
		return s
	}
	return keyEscapes.Replace(string(termtext.Append(nil, s)))
}

func (c cleaner) value(v slog.Value, depth int) slog.Value {
	if v.Kind() == slog.KindLogValuer {
		if in, color, ok := tinted(v); ok {
			return tint.Attr(color, slog.Attr{Value: c.value(in.Resolve(), depth)}).Value
		}
		v = v.Resolve() // turns a panic into an error value
	}
	switch v.Kind() {
	case slog.KindString:
		return c.text(v)
	case slog.KindGroup:
		if depth == 0 {
			return slog.StringValue("!ERROR: groups nested too deeply")
		}
		group := make([]slog.Attr, 0, len(v.Group()))
		for _, a := range v.Group() {
			group = append(group, c.nested(a, depth-1))
		}
		return slog.GroupValue(group...)
	case slog.KindAny:
		return c.printed(v)
	}
	return v // numbers, times and durations
}

// text returns v, a string, or its bytes if the string is not harmless: tint always writes
// bytes as a quoted Go string.
func (c cleaner) text(v slog.Value) slog.Value {
	if s := v.String(); !c.harmless(s) {
		return slog.AnyValue([]byte(s))
	}
	return v
}

// printed returns what tint would print for v, cleaned.
func (c cleaner) printed(v slog.Value) (out slog.Value) {
	x := v.Any()
	if x == nil {
		return v
	}
	defer func() {
		if p := recover(); p != nil {
			out = c.panicked(x, p)
		}
	}()
	switch x := x.(type) {
	case encoding.TextMarshaler:
		b, err := x.MarshalText()
		if err != nil {
			return slog.AnyValue(unprintable{})
		}
		return c.text(slog.StringValue(string(b)))
	case *slog.Source:
		if x == nil || termtext.Is(x.File) {
			return v
		}
		return slog.AnyValue(&slog.Source{File: string(termtext.Append(nil, x.File)), Line: x.Line})
	}
	if t := reflect.TypeOf(x); t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 {
		return v // always quoted
	}
	return c.text(slog.StringValue(anytext.Of(x)))
}

// panicked is what tint prints for a value whose method panicked.
func (c cleaner) panicked(x, p any) slog.Value {
	if v := reflect.ValueOf(x); v.Kind() == reflect.Pointer && v.IsNil() {
		return slog.StringValue("<nil>")
	}
	return c.text(slog.StringValue(fmt.Sprintf("!PANIC: %v", p)))
}

// unprintable stands for a value that cannot be marshaled, of which tint prints nothing.
type unprintable struct{}

func (unprintable) MarshalText() ([]byte, error) { return nil, errUnprintable }

var errUnprintable = errors.New("unprintable")

// tintedType is the type with which [tint.Attr] carries a color.
var tintedType = reflect.TypeOf(tint.Attr(0, slog.Attr{}).Value.Any())

// tinted returns the value and the color of what tint.Attr or tint.Err made.
func tinted(v slog.Value) (in slog.Value, color uint8, ok bool) {
	x := v.LogValuer()
	if reflect.TypeOf(x) != tintedType {
		return in, 0, false
	}
	field := reflect.ValueOf(x).FieldByName("Color")
	if !field.IsValid() || !field.CanUint() {
		return in, 0, false
	}
	return x.LogValue(), uint8(field.Uint()), true
}
