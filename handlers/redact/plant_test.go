package redact_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/handlers/redact"
	"github.com/slogtel/telemetry/handlers/slogjson"
	"github.com/slogtel/telemetry/internal/secrets"
	"github.com/slogtel/telemetry/internal/secrets/secretstest"
)

type (
	named    string
	teller   struct{ s string }
	texter   struct{ s string }
	jsoner   struct{ V any }
	valuer   struct{ v any }
	inner    struct{ Note string }
	embedded struct {
		inner
		*jsonNames
	}
	jsonNames struct {
		A string `json:"renamed,omitempty"`
		b string
		C any `json:"-"`
	}
	codedError struct{ Text string }
	// wrapping shows more than its text with %+v.
	wrapping struct{ err error }
)

func (t teller) String() string                { return t.s }
func (t texter) MarshalText() ([]byte, error)  { return []byte(t.s), nil }
func (j *jsoner) MarshalJSON() ([]byte, error) { return json.Marshal(j.V) }
func (v valuer) LogValue() slog.Value          { return slog.AnyValue(v.v) }
func (e *codedError) Error() string            { return "code 7: " + e.Text }
func (w wrapping) Error() string               { return "wrapping" }
func (w wrapping) Unwrap() error               { return w.err }
func (w wrapping) Format(s fmt.State, _ rune)  { fmt.Fprintf(s, "at main.go: %v", w.err) }

// plants put a text into a value. What all sinks show of it must be clean.
var plants = map[string]func(s string) any{
	"string":            func(s string) any { return s },
	"named string":      func(s string) any { return named(s) },
	"pointer":           func(s string) any { return &s },
	"pointers":          func(s string) any { p := &s; return &p },
	"bytes":             func(s string) any { return []byte(s) },
	"byte array":        func(s string) any { var a [512]byte; copy(a[:], s); return a },
	"any":               func(s string) any { return []any{1, &s} },
	"strings":           func(s string) any { return []string{"a", s} },
	"named strings":     func(s string) any { return []named{"a", named(s)} },
	"array":             func(s string) any { return [2]string{"a", s} },
	"map":               func(s string) any { return map[string]string{"a": s} },
	"map key":           func(s string) any { return map[string]int{s: 1} },
	"named map key":     func(s string) any { return map[named]int{named(s): 1} },
	"texter map key":    func(s string) any { return map[texter]int{{s}: 1} },
	"deep map":          func(s string) any { return map[string]any{"a": []any{map[int]any{1: []string{s}}}} },
	"struct":            func(s string) any { return inner{s} },
	"struct pointer":    func(s string) any { return &inner{s} },
	"structs":           func(s string) any { return []inner{{"a"}, {s}} },
	"embedded":          func(s string) any { return embedded{inner: inner{s}} },
	"embedded pointer":  func(s string) any { return &embedded{jsonNames: &jsonNames{A: s}} },
	"unexported":        func(s string) any { return jsonNames{b: s} },
	"left out":          func(s string) any { return jsonNames{C: s} },
	"raw JSON":          func(s string) any { return json.RawMessage(marshal(map[string]any{"a": []string{s}})) },
	"raw JSON key":      func(s string) any { return json.RawMessage(marshal(map[string]any{s: 1})) },
	"raw JSON, escaped": func(s string) any { return json.RawMessage(`{"a":"` + escaped(s) + `","a":1}`) },
	"JSON bytes":        func(s string) any { return []byte(`{"a":"` + escaped(s) + `"}`) },
	"JSON text":         func(s string) any { return string(marshal(map[string]any{"a": s})) },
	"raw JSON in a map": func(s string) any { return map[string]any{"a": json.RawMessage(marshal(s))} },
	"no JSON":           func(s string) any { return json.RawMessage(s) },
	"error":             func(s string) any { return errors.New(s) },
	"wrapped error":     func(s string) any { return fmt.Errorf("no: %w", errors.New(s)) },
	"joined errors":     func(s string) any { return errors.Join(errors.New("a"), errors.New(s)) },
	"coded error":       func(s string) any { return &codedError{s} },
	"wrapped coded":     func(s string) any { return fmt.Errorf("no: %w", &codedError{s}) },
	"formatting error":  func(s string) any { return wrapping{errors.New(s)} },
	"wrapped formatter": func(s string) any { return fmt.Errorf("no: %w", wrapping{errors.New(s)}) },
	"errors":            func(s string) any { return []error{errors.New(s), &codedError{s}} },
	"stringer":          func(s string) any { return teller{s} },
	"stringers":         func(s string) any { return map[string]fmt.Stringer{"a": &teller{s}} },
	"texter":            func(s string) any { return texter{s} },
	"jsoner":            func(s string) any { return &jsoner{map[string]any{"a": s}} },
	"jsoners":           func(s string) any { return []*jsoner{{s}} },
	"jsoner by value":   func(s string) any { return struct{ J jsoner }{jsoner{s}} },
	"LogValuer":         func(s string) any { return valuer{s} },
	"LogValuers":        func(s string) any { return valuer{valuer{[]any{valuer{s}}}} },
	"LogValuer group":   func(s string) any { return valuer{slog.GroupValue(slog.Any("a", valuer{s}))} },
	"group":             func(s string) any { return slog.GroupValue(slog.Group("b", slog.String("a", s))) },
	"group key":         func(s string) any { return slog.GroupValue(slog.Int(s, 1)) },
	"group name":        func(s string) any { return slog.GroupValue(slog.Group(s, slog.Int("a", 1))) },
	"group in a list":   func(s string) any { return []any{slog.GroupValue(slog.Int(s, 1)), slog.String("a", s)} },
	"slog.Source":       func(s string) any { return &slog.Source{Function: s, File: s} },
	"panic":             func(s string) any { return valuer{panicking{s}} },
}

type panicking struct{ s string }

func (p panicking) String() string { panic(p.s) }
func (p panicking) Error() string  { panic(errors.New(p.s)) }

func marshal(x any) []byte {
	b, err := json.Marshal(x)
	if err != nil {
		panic(err)
	}
	return b
}

// escaped writes every character of s as JSON may.
func escaped(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < 0x10000 {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// timeless takes the time off records: its digits are not the secret's.
type timeless struct{ slog.Handler }

func (h timeless) Handle(ctx context.Context, r slog.Record) error {
	r.Time = time.Time{}
	return h.Handler.Handle(ctx, r)
}
func (h timeless) WithAttrs(attrs []slog.Attr) slog.Handler {
	return timeless{h.Handler.WithAttrs(attrs)}
}
func (h timeless) WithGroup(name string) slog.Handler { return timeless{h.Handler.WithGroup(name)} }

func logger(h slog.Handler) *slog.Logger { return slog.New(timeless{h}) }

// positions are the places of a record that a value can be logged to.
var positions = map[string]func(h slog.Handler, s string, v any){
	"attribute": func(h slog.Handler, s string, v any) { logger(h).Info("m", "x", v) },
	"group": func(h slog.Handler, s string, v any) {
		logger(h).Info("m", slog.Group("g", "x", v, slog.Group("", "y", v)))
	},
	"With": func(h slog.Handler, s string, v any) { logger(h).With("x", v).Info("m") },
	"With in groups": func(h slog.Handler, s string, v any) {
		logger(h).WithGroup("g").With("x", v).WithGroup("h").Info("m", "x", v)
	},
	"names": func(h slog.Handler, s string, v any) {
		logger(h).WithGroup(s).With(s, 1).Info(s, s, 2, slog.Group(s, "x", 1))
	},
	"many": func(h slog.Handler, s string, v any) {
		logger(h).Info("m", "1", 1, "2", "b", "3", errors.New("c"), "4", 4.0, "5", true, "6", v, "7", nil)
	},
}

// sinks write to b in all ways that a value can be shown in.
var redactSinks = map[string]func(b *bytes.Buffer) slog.Handler{
	"NewJSON": func(b *bytes.Buffer) slog.Handler { return slogjson.New(b, nil) },
	"JSON":    func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	"text":    func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
	"dump":    func(b *bytes.Buffer) slog.Handler { return &dump{b} },
}

// dump shows all that can be found out about a record.
type dump struct{ b *bytes.Buffer }

func (d *dump) Enabled(context.Context, slog.Level) bool { return true }
func (d *dump) WithGroup(name string) slog.Handler       { fmt.Fprintf(d.b, "%q ", name); return d }
func (d *dump) WithAttrs(attrs []slog.Attr) slog.Handler {
	for _, a := range attrs {
		d.value(a.Key, a.Value)
	}
	return d
}

func (d *dump) Handle(_ context.Context, r slog.Record) error {
	fmt.Fprintln(d.b, r.Message)
	r.Attrs(func(a slog.Attr) bool { d.value(a.Key, a.Value); return true })
	return nil
}

func (d *dump) value(key string, v slog.Value) {
	fmt.Fprintln(d.b, key)
	if v = v.Resolve(); v.Kind() == slog.KindGroup {
		for _, m := range v.Group() {
			d.value(m.Key, m.Value)
		}
		return
	}
	x := v.Any()
	isBytes := x != nil && reflect.TypeOf(x).Kind() == reflect.Slice && reflect.TypeOf(x).Elem().Kind() == reflect.Uint8
	if _, isError := x.(error); !isError {
		if !isBytes {
			fmt.Fprintf(d.b, "%#v\n", x)
		} else {
			fmt.Fprintf(d.b, "%s %q\n", x, x)
		}
	}
	if !isBytes {
		fmt.Fprintf(d.b, "%v %+v %s\n", x, x, x)
	}
	if err, ok := x.(error); ok {
		for ; err != nil; err = errors.Unwrap(err) {
			fmt.Fprintf(d.b, "%v %+v\n", err, err)
			if list, ok := err.(interface{ Unwrap() []error }); ok {
				for _, e := range list.Unwrap() {
					d.value("", slog.AnyValue(e))
				}
			}
		}
	}
	b, _ := json.Marshal(x)
	d.b.Write(b)
}

// survives returns what is left of a secret in what was written, also when escaped as JSON.
func survives(shown, around string, e secretstest.Example) string {
	if part := secretstest.Leak(shown, around, e); part != "" {
		return part
	}
	quoted := string(marshal(e.Secret))
	around += strings.Replace(e.Text, e.Secret, "\x00", 1)
	return secretstest.Leak(shown, around+string(marshal(around)), secretstest.Example{Text: quoted, Secret: quoted[1 : len(quoted)-1]})
}

func TestRedactPlanted(t *testing.T) {
	stacks := redactStacks()
	names := slices.Sorted(maps.Keys(stacks))
	wheres, whats := slices.Sorted(maps.Keys(positions)), slices.Sorted(maps.Keys(plants))
	turn := 0 // each example goes in each value to one place, and each value in time to each place
	for _, rule := range secretstest.Shapes {
		t.Run(rule.Rule, func(t *testing.T) {
			for _, e := range rule.Match {
				text := "before " + e.Text + " after"
				turn++
				for i, what := range whats {
					where := wheres[(turn+i)%len(wheres)]
					for sinkName, sink := range redactSinks {
						var b bytes.Buffer
						positions[where](stacks[names[turn%len(names)]](sink(&b)), text, plants[what](text))
						if part := survives(b.String(), "before after", e); part != "" {
							t.Fatalf("%q survives in %s as %s, %s:\n%s", part, where, what, sinkName, b.String())
						}
					}
				}
			}
		})
	}
}

// Values under the name of a secret are gone, whatever they are.
func TestRedactByName(t *testing.T) {
	hide := redact.New(nil)
	const hush = "hushhush73730"
	values := map[string]any{"string": hush, "list": []string{hush}, "map": map[string]any{"x": hush}, "number": int64(7373073730),
		"stringer": teller{hush}, "error": errors.New(hush), "bytes": []byte(hush), "struct": inner{hush}, "LogValuer": valuer{hush},
		"group": slog.GroupValue(slog.String("x", hush)), "valuer group": valuer{slog.GroupValue(slog.String("x", hush))}}
	for _, rule := range secretstest.Keys {
		for _, name := range rule.Match {
			for what, v := range values {
				forms := map[string]func(h slog.Handler){
					"attribute":    func(h slog.Handler) { logger(h).Info("m", name, v) },
					"With":         func(h slog.Handler) { logger(h).With(name, v).Info("m") },
					"group":        func(h slog.Handler) { logger(h).Info("m", slog.Group("g", name, v)) },
					"inline":       func(h slog.Handler) { logger(h).Info("m", slog.Group("", name, v)) },
					"WithGroup":    func(h slog.Handler) { logger(h).WithGroup(name).Info("m", "x", v, slog.Group("y", "z", v)) },
					"in WithGroup": func(h slog.Handler) { logger(h).WithGroup(name).With("x", v).WithGroup("z").Info("m", "y", v) },
					"map":          func(h slog.Handler) { logger(h).Info("m", "x", map[string]any{"a": map[string]any{name: v}}) },
					"list":         func(h slog.Handler) { logger(h).Info("m", "x", []any{name, v}) },
					"listed":       func(h slog.Handler) { logger(h).Info("m", "x", map[string]any{"name": name, "value": v}) },
					"listed group": func(h slog.Handler) { logger(h).Info("m", slog.Group("x", "value", v, "name", name)) },
					"LogValuer":    func(h slog.Handler) { logger(h).Info("m", "x", valuer{slog.GroupValue(slog.Any(name, v))}) },
					"in a list":    func(h slog.Handler) { logger(h).Info("m", "x", []any{slog.GroupValue(slog.Any(name, v))}) },
				}
				if _, err := json.Marshal(v); err == nil && what != "bytes" {
					forms["raw JSON"] = func(h slog.Handler) {
						logger(h).Info("m", "x", json.RawMessage(marshal(map[string]any{name: v})), "y", []any{json.RawMessage(marshal([]any{name, v}))})
					}
				}
				for where, log := range forms {
					for sinkName, sink := range redactSinks {
						var b bytes.Buffer
						log(hide(sink(&b)))
						for _, part := range []string{"hush", "73730", "aHVzaGh1c2g"} {
							if !assert.NotContains(t, b.String(), part, "%s under %s as %s, %s", what, name, where, sinkName) {
								return
							}
						}
						assert.Contains(t, b.String(), secrets.Mask)
					}
				}
			}
		}
	}
}

func FuzzRedact(f *testing.F) {
	var examples []secretstest.Example
	for _, r := range secretstest.Shapes {
		for _, e := range r.Match {
			if len(e.Secret) > 3 { // shorter ones are everywhere
				examples = append(examples, e)
			}
		}
	}
	names, where := slices.Sorted(maps.Keys(plants)), slices.Sorted(maps.Keys(positions))
	for i := range examples {
		f.Add("before", "after", i, i, i, 1)
	}
	f.Add(`{"a":"`, `"}`, 3, 1, 2, 40)
	f.Add("\xff\x00=", `\"\\`, 5, 2, 3, 9)
	f.Fuzz(func(t *testing.T, before, after string, example, plant, position, copies int) {
		e := examples[uint(example)%uint(len(examples))]
		text := before + "\n" + e.Text + "\n" + after
		v := plants[names[uint(plant)%uint(len(names))]](text)
		for range uint(copies) % 4 {
			v = []any{map[string]any{before: v}, &v, valuer{v}}[uint(copies)%3]
		}
		for sinkName, sink := range redactSinks {
			var b bytes.Buffer
			positions[where[uint(position)%uint(len(where))]](redact.New(nil)(sink(&b)), text, v)
			around := before + "\x00" + after + "\x00" + fmt.Sprintf("%q%+q%s", before, after, marshal(before+after))
			for digit := range 10 { // a sink may write a number right beside them
				around += fmt.Sprintf("\x00%d%s\x00%d%s\x00%s%d\x00%s%d", digit, before, digit, after, before, digit, after, digit)
			}
			if part := secretstest.Leak(b.String(), around, e); part != "" {
				t.Errorf("%q of %q survives in %s: %q", part, e.Secret, sinkName, b.String())
			}
		}
	})
}
