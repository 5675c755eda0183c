package redact

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// redacted returns what is written of the attributes, without the braces around them.
func redacted(opts *Options, log func(l *slog.Logger)) string {
	var b bytes.Buffer
	log(slog.New(New(opts)(slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey && a.Value.String() == "m") {
			return slog.Attr{}
		}
		return a
	}}))))
	return strings.TrimSuffix(b.String(), "\n")
}

func TestRedactKeysAndAllow(t *testing.T) {
	opts := &Options{
		Keys:  []string{"Tenant", "*_pin", "user.*", "", "a?c", "http.peer.ip", "größe"},
		Allow: []string{"session_id", "user.id", "x.*"},
	}
	for want, log := range map[string]func(l *slog.Logger){
		"tenant=[REDACTED] TENANT=[REDACTED] tenants=1":         func(l *slog.Logger) { l.Info("m", "tenant", 1, "TENANT", true, "tenants", 1) },
		"door_pin=[REDACTED] _pin=[REDACTED] pin=1 pin_=1":      func(l *slog.Logger) { l.Info("m", "door_pin", 1, "_pin", 1, "pin", 1, "pin_", 1) },
		"abc=[REDACTED] aéc=[REDACTED] ac=1":                    func(l *slog.Logger) { l.Info("m", "abc", 1, "aéc", 1, "ac", 1) },
		"GRÖSSE=1 GRÖßE=[REDACTED]":                             func(l *slog.Logger) { l.Info("m", "GRÖSSE", 1, "GRÖßE", 1) },
		"user.id=7 user.name=[REDACTED]":                        func(l *slog.Logger) { l.Info("m", slog.Group("user", "id", 7, "name", "bob")) },
		"app.User.id=7 app.User.name=[REDACTED]":                func(l *slog.Logger) { l.WithGroup("app").WithGroup("User").Info("m", "id", 7, "name", "bob") },
		"user.a=[REDACTED] user.id=7":                           func(l *slog.Logger) { l.WithGroup("user").With("a", 1).Info("m", "id", 7) },
		"user=\"map[address:[REDACTED] id:7]\"":                 func(l *slog.Logger) { l.Info("m", "user", map[string]any{"id": 7, "address": map[string]any{"x": 1}}) },
		"superuser.name=bob name=bob":                           func(l *slog.Logger) { l.Info("m", slog.Group("superuser", "name", "bob"), "name", "bob") },
		"http.peer.ip=[REDACTED] peer.ip=1":                     func(l *slog.Logger) { l.Info("m", slog.Group("http", slog.Group("peer", "ip", 1)), "peer.ip", 1) },
		"session_id=abc token=[REDACTED]":                       func(l *slog.Logger) { l.Info("m", "session_id", "abc", "token", "abc") },
		"session_id=\"Bearer [REDACTED]\"":                      func(l *slog.Logger) { l.Info("m", "session_id", "Bearer "+"abc123EXAMPLE") },
		"x.password=abc":                                        func(l *slog.Logger) { l.WithGroup("x").Info("m", "password", "abc") },
		"b=\"{\\\"tenant\\\":\\\"[REDACTED]\\\",\\\"b\\\":1}\"": func(l *slog.Logger) { l.Info("m", "b", json.RawMessage(`{"tenant":[1,{"x":2}],"b":1}`)) },
		"s=map[Tenant:[REDACTED]]":                              func(l *slog.Logger) { l.Info("m", "s", struct{ Tenant int }{7}) },
		"s=map[t:[REDACTED]]": func(l *slog.Logger) {
			l.Info("m", "s", struct {
				Tenant int `json:"t"`
			}{7})
		},
	} {
		assert.Equal(t, want, redacted(opts, log))
		assert.Equal(t, want, redacted(opts, func(l *slog.Logger) { log(l.With()) }))
	}
}

func TestRedactKindsMaskAndStats(t *testing.T) {
	card := "4242" + "424242424242"
	log := func(l *slog.Logger) {
		l.Info("token=EXAMPLE1", "card", card, "api_key", "x", "cvv", 123, "deep", cyclic())
	}
	var stats Stats
	assert.Equal(t, "msg=\"token=***\" card=*** api_key=*** cvv=***", strings.Split(redacted(&Options{Mask: "***", Stats: &stats}, log), " deep=")[0])
	assert.Equal(t, []int64{2, 2}, []int64{stats.Names(), stats.Shapes()})
	assert.Positive(t, stats.Cut())
	assert.Equal(t, "msg=\"token=[REDACTED]\" card="+card+" api_key=[REDACTED] cvv=123", strings.Split(redacted(&Options{Kinds: Secrets}, log), " deep=")[0])
	assert.Equal(t, "msg=\"token=EXAMPLE1\" card=[REDACTED] api_key=x cvv=[REDACTED]", strings.Split(redacted(&Options{Kinds: Personal}, log), " deep=")[0])

	// Hidden twice is hidden once.
	for _, mask := range []string{"***", "<hidden by policy>", "x"} {
		opts := &Options{Mask: mask}
		doc := json.RawMessage(`{"password":"a","list":["--token","b"],"text":"api_key=abcdef1 x"}`)
		once := redacted(opts, func(l *slog.Logger) { l.Info("m", "b", doc, "c", map[string]any{"token": 1}) })
		twice := redacted(opts, func(l *slog.Logger) {
			slog.New(New(opts)(l.Handler())).Info("m", "b", doc, "c", map[string]any{"token": 1})
		})
		assert.Equal(t, once, twice)
	}
}

func TestRedactOptionsAreCopied(t *testing.T) {
	opts := &Options{Keys: []string{"a"}}
	h := New(opts)
	opts.Keys[0], opts.Mask = "b", "x"
	var b bytes.Buffer
	slog.New(h(slog.NewTextHandler(&b, nil))).Info("m", "a", 1, "b", 2)
	assert.Contains(t, b.String(), "a=[REDACTED] b=2")
}

type cycle struct {
	Next *cycle
	Any  any
	Map  map[string]any
}

func cyclic() any {
	c := &cycle{}
	c.Next = c
	return c
}

type (
	color   int
	decimal struct{ n int64 }
	tagged  struct {
		Visible string    `json:"visible"`
		Empty   string    `json:"empty,omitempty"`
		Zero    time.Time `json:",omitzero"`
		Gone    string    `json:"-"`
		//lint:ignore SA5008 the name is meant
		Dash   int                `json:"-,"`
		Quoted int                `json:"quoted,string"`
		Ptr    *int               `json:"ptr"`
		List   []string           `json:"list"`
		Map    map[string]int     `json:"map,omitempty"`
		Bytes  []byte             `json:"bytes"`
		Any    any                `json:"any"`
		At     *time.Time         `json:"at"`
		Took   time.Duration      `json:"took"`
		Inner  *tagged            `json:"inner,omitempty"`
		Header http.Header        `json:"header,omitempty"`
		Raw    json.RawMessage    `json:"raw,omitempty"`
		Colors map[color]color    `json:"colors"`
		Price  decimal            `json:"price"`
		Big    *big.Int           `json:"big"`
		Floats []float32          `json:"floats"`
		Anon   struct{ X, y int } `json:"anon"`
		outer
		hidden int
	}
	outer struct{ Visible, Outer string }
)

func (c color) String() string                 { return "color" + fmt.Sprint(int(c)) }
func (d decimal) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "%d.00", d.n), nil }

// cleanValues are values in which there is nothing to hide.
func cleanValues() map[string]any {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	n := 7
	full := tagged{Visible: "<v>", Quoted: 5, Ptr: &n, List: []string{"a", "b"}, Map: map[string]int{"z": 1, "a": 2}, Bytes: []byte("abc"),
		Any: map[int]any{1: 2.5}, At: &at, Took: time.Second, Header: http.Header{"Accept": {"x"}}, Raw: json.RawMessage(`{"b":1,"a":[null,true]}`),
		Colors: map[color]color{1: 2}, Price: decimal{3}, Big: big.NewInt(1).Lsh(big.NewInt(1), 80), Floats: []float32{0.1}, outer: outer{"no", "o"}, hidden: 1}
	outerOne := full
	outerOne.Inner = &full
	return map[string]any{
		"tagged": outerOne, "tagged pointer": &outerOne, "empty": tagged{}, "list": []tagged{full, {}}, "nil map": map[string]any(nil),
		"color": color(3), "colors": []color{1, 2}, "decimal": decimal{4}, "pointer to pointer": &[]*int{&n, nil}[0],
		"raw": json.RawMessage(`{ "z" : 1.50, "a" : "x" , "z" : 2}`), "bytes": []byte(`{"a": 1}`), "number": json.Number("1.10"), "level": slog.LevelWarn,
		"array": [3]int{1, 2, 3}, "floats": []float64{1.5, 2}, "error": io.EOF, "path error": &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist},
		"joined": errors.Join(io.EOF, io.ErrUnexpectedEOF), "time": []any{at, &at, time.Second}, "any": []any{nil, 1, "a", int8(2), uint(3)},
		"point": struct{ Name, Value string }{"a", "b"}, "text": "a <b> & c", "no raw": json.RawMessage(nil), "named bytes": http.Header{"X": nil}, "ip": []byte{1, 2, 3},
	}
}

// What is clean shows as JSON what it would without Redact; the order of fields apart.
func TestRedactKeepsJSON(t *testing.T) {
	for name, v := range cleanValues() {
		var with, without bytes.Buffer
		r := record(slog.Any("v", v))
		require.NoError(t, New(nil)(newJSON(&with, nil)).Handle(ctx, r))
		require.NoError(t, newJSON(&without, nil).Handle(ctx, r))
		assert.JSONEq(t, without.String(), with.String(), name)
		with.Reset()
		require.NoError(t, New(nil)(slog.NewJSONHandler(&with, nil)).Handle(ctx, r))
		assert.JSONEq(t, without.String(), with.String(), name)
	}
}

func TestRedactKeepsKinds(t *testing.T) {
	r := record(slog.Int("token", 1), slog.Int("n", 1), slog.Duration("d", 1), slog.Time("t", time.Unix(1, 0)), slog.Bool("b", true),
		slog.Uint64("u", 1), slog.Float64("f", 1), slog.String("s", "x"), slog.Any("l", slog.LevelInfo), slog.Attr{})
	var got slog.Record
	require.NoError(t, New(nil)(keep{&got}).Handle(ctx, r))
	var kinds []slog.Kind
	got.Attrs(func(a slog.Attr) bool {
		kinds = append(kinds, a.Value.Kind())
		return true
	})
	assert.Equal(t, []slog.Kind{slog.KindString, slog.KindInt64, slog.KindDuration, slog.KindTime, slog.KindBool, slog.KindUint64,
		slog.KindFloat64, slog.KindString, slog.KindAny, slog.KindAny}, kinds)
}

// keep keeps the last record.
type keep struct{ r *slog.Record }

func (k keep) Enabled(context.Context, slog.Level) bool      { return true }
func (k keep) Handle(_ context.Context, r slog.Record) error { *k.r = r; return nil }
func (k keep) WithAttrs([]slog.Attr) slog.Handler            { return k }
func (k keep) WithGroup(string) slog.Handler                 { return k }

type changing struct{ s string }

func (c *changing) LogValue() slog.Value { return slog.StringValue(c.s) }
func (c *changing) Error() string        { return c.s }

type speaking struct{ s string }

func (c *speaking) String() string { return c.s }

// What becomes of a value after it was logged is not seen behind Redact.
func TestRedactIsFinal(t *testing.T) {
	valuer, err, said := &changing{"a"}, &changing{"a"}, &speaking{"a"}
	m, list, raw, text, inner := map[string]any{"x": "a"}, []string{"a"}, json.RawMessage(`"a"`), []byte("abc"), &struct{ S string }{"a"}
	var got slog.Record
	slog.New(New(nil)(keep{&got})).Info("m", "1", valuer, "2", error(err), "3", said, "4", m, "5", list, "6", raw, "7", text, "8", inner,
		"9", fmt.Errorf("b: %w", err), "10", errors.Join(err))
	valuer.s, err.s, said.s, m["x"], list[0], raw[1], text[0], inner.S = "EVIL", "EVIL", "EVIL", "EVIL", "EVIL", 'E', 'E', "EVIL"
	var b bytes.Buffer
	require.NoError(t, slog.NewTextHandler(&b, nil).Handle(ctx, got))
	require.NoError(t, newJSON(&b, nil).Handle(ctx, got))
	got.Attrs(func(a slog.Attr) bool {
		fmt.Fprintf(&b, "%v %+v", a.Value.Any(), errors.Unwrap(asError(a.Value.Any())))
		return true
	})
	assert.NotContains(t, strings.ReplaceAll(b.String(), "LEVEL", ""), "E", "%s", b.String())
}

func asError(x any) error {
	err, _ := x.(error)
	return err
}

func TestRedactErrors(t *testing.T) {
	secret := fmt.Errorf("login with password=EXAMPLE1: %w", &fs.PathError{Op: "open", Path: "/x", Err: fs.ErrNotExist})
	var got slog.Record
	slog.New(New(nil)(keep{&got})).Info("m", "err", secret, "clean", errWrapped)
	var errs []error
	got.Attrs(func(a slog.Attr) bool {
		errs = append(errs, a.Value.Any().(error))
		return true
	})
	assert.EqualError(t, errs[0], "login with password=[REDACTED] open /x: file does not exist")
	assert.ErrorIs(t, errs[0], fs.ErrNotExist)
	assert.NotErrorIs(t, errs[0], io.EOF)
	var path *fs.PathError
	assert.False(t, errors.As(errs[0], &path))
	assert.True(t, errs[1] == errWrapped, "a clean error of package fmt passes as it is")
}

// A text of a type's own may tell what stands in a field with a secret's name.
type login struct{ User, Password string }

func (l login) Error() string { return "no login for " + l.User + " with " + l.Password }

type loginText struct {
	User     string
	password string
}

func (l *loginText) String() string { return l.User + "/" + l.password }

func TestRedactOwnWords(t *testing.T) {
	bob, _ := url.Parse("https://bob:hunter2@example.com/?key=hunter2")
	for want, v := range map[string]any{
		`v="no login for bob with [REDACTED]"`:               login{"bob", "hunter2"},
		`v="a: no login for bob with [REDACTED]"`:            fmt.Errorf("a: %w", login{"bob", "hunter2"}),
		`v="b: EOF no login for bob with [REDACTED]"`:        fmt.Errorf("b: %w %w", io.EOF, errors.Join(login{"bob", "hunter2"})),
		"v=bob/[REDACTED]":                                   &loginText{"bob", "hunter2"},
		`v="https://[REDACTED]@example.com/?key=[REDACTED]"`: bob,
		"v=[REDACTED]":        bob.User,
		"v=map[c:[REDACTED]]": map[string]any{"c": &http.Cookie{Name: "sid", Value: "hunter2"}},
		`v="[-H Authorization: Bearer [REDACTED]]"`: []string{"-H", "Authorization: Bearer", "hunter2hunter2"},
		`v="[run --password [REDACTED] x]"`:         []string{"run", "--password", "hunter2", "x"},
		"v=<nil>":                                   (*changing)(nil),
	} {
		got := redacted(nil, func(l *slog.Logger) { l.Info("m", "v", v) })
		if want == "v=<nil>" {
			assert.NotContains(t, got, "hunter2")
			continue
		}
		assert.Equal(t, want, got)
	}
	assert.Equal(t, "name=Authorization value=[REDACTED] n=1", redacted(nil, func(l *slog.Logger) {
		l.With("name", "Authorization").Info("m", "value", "hunter2", "n", 1)
	}))
	assert.Equal(t, "n=1 value=[REDACTED] name=api_key text=[REDACTED]", redacted(nil, func(l *slog.Logger) {
		l.Info("m", "n", 1, "value", "hunter2", "name", "api_key", "text", "hunter2")
	}), "the value may stand first")
	given := []slog.Attr{slog.String("value", "hunter2"), slog.String("name", "api_key")}
	assert.Equal(t, "value=[REDACTED] name=api_key", redacted(nil, func(l *slog.Logger) {
		slog.New(l.Handler().WithAttrs(given)).Info("m")
	}))
	assert.Equal(t, "hunter2", given[0].Value.String(), "what the caller gave stays")
	assert.Equal(t, "value=12 name=token", redacted(nil, func(l *slog.Logger) { l.Info("m", "value", 12, "name", "token") }))
	assert.Equal(t, "name=token value=12", redacted(nil, func(l *slog.Logger) { l.Info("m", "name", "token", "value", 12) }))
	assert.Equal(t, "pass=[REDACTED] api.key=[REDACTED]", redacted(nil, func(l *slog.Logger) {
		l.Info("m", "pass", "hunter2x9", slog.Group("api", "key", "hunter2"))
	}))
	assert.Equal(t, "pass=2 passes=3", redacted(nil, func(l *slog.Logger) { l.Info("m", "pass", 2, "passes", 3) }))
}

// Nothing is passed that was not looked at.
func TestRedactBounds(t *testing.T) {
	const hush = "token=EXAMPLE1"
	deep, deepGroup := any(hush), slog.StringValue(hush)
	for range 300 {
		deep, deepGroup = map[string]any{"a": []any{deep}}, slog.GroupValue(slog.Attr{Key: "g", Value: deepGroup})
	}
	wide, many := make([]any, 100_000), make(map[string]any)
	for i := range wide {
		wide[i] = hush
		many[fmt.Sprint(i)] = hush
	}
	attrs := make([]slog.Attr, 20_000)
	for i := range attrs {
		attrs[i] = slog.String("a", hush)
	}
	for name, v := range map[string]slog.Value{
		"deep": slog.AnyValue(deep), "deep group": deepGroup, "wide": slog.AnyValue(wide), "many": slog.AnyValue(many), "cycle": slog.AnyValue(cyclic()),
		"attributes": slog.GroupValue(attrs...), "deep JSON": slog.AnyValue(json.RawMessage(strings.Repeat(`{"a":[`, 400) + `"` + hush + `"` + strings.Repeat("]}", 400))),
		"bush": slog.AnyValue(&bush{}), "strings": slog.AnyValue(strings.Fields(strings.Repeat(hush+" ", 50_000))),
		"large": slog.StringValue(strings.Repeat("x ", 1<<19) + hush),
	} {
		var b bytes.Buffer
		var stats Stats
		require.NoError(t, New(&Options{Stats: &stats})(newJSON(&b, nil)).Handle(ctx, record(slog.Attr{Key: "v", Value: v})), name)
		assert.NotContains(t, b.String(), "EXAMPLE1", name)
		assert.True(t, json.Valid(b.Bytes()), name)
		assert.Equal(t, name == "large", stats.Cut() == 0, name)
	}
}

// bush is a LogValuer that grows without end.
type bush struct{}

func (b *bush) LogValue() slog.Value { return slog.GroupValue(slog.Any("l", b), slog.Any("r", b)) }

func TestRedactConcurrent(t *testing.T) {
	var mu sync.Mutex
	var b bytes.Buffer
	root := slog.New(New(&Options{Keys: []string{"a.*"}, Stats: new(Stats)})(slog.NewTextHandler(writerFunc(func(p []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return b.Write(p)
	}), nil)))
	shared := record(slog.String("s", "token=EXAMPLE1"), slog.Any("m", map[string]any{"password": "EXAMPLE1"}), slog.Int("1", 1), slog.Int("2", 1), slog.Int("3", 1), slog.Int("4", 1))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for k := range 200 {
				_ = root.WithGroup("g").With("token", i, fmt.Sprint("name", k), k).Handler().Handle(ctx, shared)
			}
		})
	}
	wg.Wait()
	assert.Equal(t, 1600, strings.Count(b.String(), "\n"))
	assert.NotContains(t, b.String(), "EXAMPLE1")
}

// An app whose names are ever new costs no memory for them.
func TestRedactNamesAreBounded(t *testing.T) {
	rules := newRules(nil)
	for i := range 10_000 {
		rules.facts(fmt.Sprint("name", i))
	}
	assert.LessOrEqual(t, int(rules.names.taken.Load()), maxCachedNames+1)
	assert.False(t, rules.facts("name1").secret)
	assert.True(t, rules.facts("password").secret)
	assert.True(t, rules.facts(strings.Repeat("x_", 100)+"password").secret)
}
