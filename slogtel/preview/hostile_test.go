package preview

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/slogattrs"
)

// Values that trip whoever reads them carelessly.
type (
	cycle        struct{ Next, Text any }
	selfPointer  *selfPointer
	selfSlice    []selfSlice
	selfMap      map[string]selfMap
	embedsItself struct {
		*embedsItself
		Name string
	}
	panics        struct{}
	panicsNamed   string
	panicsLog     struct{ Text string }
	panicsError   struct{}
	panicsMarshal struct{}
	panicsText    []byte
	nilReceiver   struct{ s string }
	valuerLoop    struct{ p **valuerLoop }
	valuerSelf    struct{ Text string }
	valuerDeep    int
	nonsense      struct{}
)

func (panics) String() string                      { panic("boom") }
func (panicsNamed) String() string                 { panic(errors.New("boom")) }
func (panicsLog) LogValue() slog.Value             { panic("boom") }
func (panicsError) Error() string                  { panic(nil) }
func (panicsMarshal) MarshalJSON() ([]byte, error) { panic("boom") }
func (panicsText) MarshalText() ([]byte, error)    { panic("boom") }
func (n *nilReceiver) String() string              { return n.s }
func (v valuerLoop) LogValue() slog.Value          { return slog.AnyValue(v.p) }
func (v valuerSelf) LogValue() slog.Value          { return slog.AnyValue(v) }
func (v valuerDeep) LogValue() slog.Value          { return slog.GroupValue(slog.Any("text", v+1)) }
func (nonsense) MarshalJSON() ([]byte, error)      { return []byte(`{"a":`), nil }

func hostileValues() map[string]any {
	c := &cycle{Text: "t"}
	c.Next = &c
	var sp selfPointer
	sp = &sp
	ss := selfSlice{nil}
	ss[0] = ss
	sm := selfMap{}
	sm["text"] = sm
	em := &embedsItself{Name: "n"}
	em.embedsItself = em
	loop := &valuerLoop{}
	loop.p = &loop
	anyCycle := map[string]any{}
	anyCycle["candidates"], anyCycle["response"], anyCycle["text"] = []any{anyCycle}, anyCycle, []any{anyCycle}
	var deep any = "bottom"
	for range 100_000 {
		deep = []any{deep}
	}
	var deepMap any = "bottom"
	for range 100_000 {
		deepMap = map[string]any{"response": deepMap}
	}
	var deepPointer any = "bottom"
	for range 100_000 {
		deepPointer = &deepPointer
	}
	wide := map[string]any{}
	for i := range 100_000 {
		wide[fmt.Sprint("key", i)] = i
	}
	var nilStruct *cycle
	var nilStringer *nilReceiver
	var nilMap map[string]any
	var nilFunc func()
	var nilChan chan int
	var nilErr *panicsError
	var typedNil fmt.Stringer = nilStringer

	return map[string]any{
		"nil": nil, "nil pointer": nilStruct, "nil stringer": nilStringer, "typed nil": typedNil, "nil map": nilMap, "nil func": nilFunc,
		"nil chan": nilChan, "nil error": nilErr, "nil slice": []any(nil), "nil bytes": []byte(nil), "nil raw": json.RawMessage(nil),
		"nil inside": struct {
			A *cycle
			B map[string]any
			C error
			D fmt.Stringer
			E []int
		}{},
		"cycle": c, "self pointer": sp, "pointer to self pointer": &sp, "self slice": ss, "self map": sm, "embeds itself": em, "any cycle": anyCycle,
		"deep slice": deep, "deep map": deepMap, "deep pointer": deepPointer, "wide map": wide,
		"panics": panics{}, "panics inside": []any{panics{}, &panics{}, panicsNamed("x"), panicsLog{}, panicsError{}, panicsMarshal{}, panicsText("x")},
		"panicking text": map[string]any{"text": panicsNamed("x"), "model": panics{}, "usage": panicsLog{}, "candidates": []any{panicsError{}}},
		"panicking keys": map[any]any{panicsNamed("x"): 1, panics{}: 2},
		"valuer loop":    loop, "valuer self": valuerSelf{"t"}, "valuer deep": valuerDeep(0), "nonsense": nonsense{},
		"func": func() {}, "chan": make(chan int), "pointer to func": &nilFunc, "unsafe pointer": unsafe.Pointer(c), "uintptr": uintptr(7), "complex": 1i,
		"reflect value": reflect.ValueOf(c), "reflect type": reflect.TypeFor[cycle](), "nan": nan, "inf": inf, "nan key": map[float64]any{nan: nan},
		"nan usage": map[string]any{"usage": map[string]any{"a": nan, "b": inf, "c": float32(nan)}},
		"int keys":  map[int]any{1: "a", 2: "b"}, "bool keys": map[bool]int{true: 1}, "struct keys": map[struct{ A int }]string{{1}: "x"},
		"array keys": map[[2]int]string{{1, 2}: "x"}, "pointer keys": map[*int]string{new(int): "x"}, "interface keys": map[any]any{1: 2, "text": 3, nil: 4, true: 5},
		"invalid utf8": "a\xff\xfe\x00b", "invalid utf8 key": map[string]any{"\xff": "\xff", "te\xffxt": 1}, "control": "\x00\x01\x1b[0m\u202e\u2028",
		"invalid utf8 json": []byte("{\"text\":\"a\xff\\ud800\",\"\xff\":1}"), "empty": "", "empty map": map[string]any{}, "empty struct": struct{}{},
		"byte array": [4]byte{1, 2}, "pointer to byte array": &[4]byte{'a'}, "rune slice": []rune("abc"), "nested bytes": map[string]any{"x": []byte("abc")},
		"time": time.Unix(0, 0), "duration": time.Second, "slog value": slog.GroupValue(slog.String("text", "t")), "attrs": []slog.Attr{slog.Int("a", 1)},
		"preview": Preview{Text: "t", Usage: map[string]any{"a": 1}}, "json number": json.Number("x"), "bad raw": json.RawMessage("{"), "error": errors.New("e"),
		"deep json": strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000), "deep objects": strings.Repeat(`{"text":`, 100_000) + "1" + strings.Repeat("}", 100_000),
		"open json": strings.Repeat(`{"a":[`, 100_000), "quotes": strings.Repeat(`"`, 100_000), "escapes": `{"a":"` + strings.Repeat(`\"`, 100_000) + `"}`,
		"huge number": "[" + strings.Repeat("9", 1<<20) + "]", "long name": `{"` + strings.Repeat("a", 1<<20) + `":1}`, "long escaped name": `{"` + strings.Repeat(`\n`, 1<<20) + `":1}`,
		"many members": `{` + strings.Repeat(`"a":{},`, 100_000) + `"b":1}`, "many elements": "[" + strings.Repeat("{},", 100_000) + "1]",
		"many parts": `{"text":[` + strings.Repeat(`"part ",`, 100_000) + `"end"]}`, "same usage": `{"usage":{` + strings.Repeat(`"a":1,`, 10_000) + `"a":2}}`,
		"angles": strings.Repeat("<&>\u2028", 10_000), "angles usage": map[string]any{"usage": map[string]any{strings.Repeat("<", 99): strings.Repeat("<", 99)}},
	}
}

// Whatever it is: no panic, and a preview that is valid UTF-8, has JSON, and is small.
func TestHostileValues(t *testing.T) {
	for name, raw := range hostileValues() {
		t.Run(name, func(t *testing.T) {
			for _, limit := range []int{0, -1, 1, 10, 1 << 30} {
				checkSane(t, Of(raw, limit), limit)
			}
		})
	}
}

// checkSane checks what is promised of any preview.
func checkSane(t testing.TB, p Preview, limit int) {
	t.Helper()
	if limit <= 0 {
		limit = DefaultLimit
	}
	limit = min(limit, maxLimit)
	const mark = 30
	within := func(s string, n int) {
		t.Helper()
		if !utf8.ValidString(s) || utf8.RuneCountInString(s) > n+mark {
			t.Errorf("%d characters, valid %v: %.200q", utf8.RuneCountInString(s), utf8.ValidString(s), s)
		}
	}
	within(p.Model, maxModel)
	within(p.Text, limit)
	within(p.Candidate0Text, limit)
	within(p.FinishReason, maxFinish)
	within(p.Safety, maxSafety)
	within(p.Repr, limit)
	if len(p.Tools) > maxTools+1 {
		t.Errorf("%d tools", len(p.Tools))
	}
	for _, s := range p.Tools {
		within(s, maxTool)
	}
	if len(p.Usage) > maxUsage {
		t.Errorf("%d usage entries", len(p.Usage))
	}
	for k, v := range p.Usage {
		within(k, maxScalar)
		switch v := v.(type) {
		case string:
			within(v, maxScalar)
		case int64, uint64, float64, bool:
		default:
			t.Errorf("usage value is a %T", v)
		}
	}
	for _, s := range texts(p) {
		if i := strings.IndexFunc(s, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' && r != '\r' || r >= 0x7f && r < 0xa0 }); i >= 0 {
			t.Errorf("control character in %.200q", s)
		}
	}
	b := marshal(t, p)
	if limit == DefaultLimit && len(b) > 24_000 {
		t.Errorf("%d bytes of JSON", len(b))
	}
	var back map[string]any
	if err := json.Unmarshal([]byte(b), &back); err != nil {
		t.Error(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "raw_preview", p)
	if !json.Valid(log.Bytes()) {
		t.Errorf("log line is no JSON: %s", log.Bytes())
	}
}

func TestHostileValuesAreNamed(t *testing.T) {
	values := hostileValues()
	for name, want := range map[string]Preview{
		"nil": {}, "nil pointer": {}, "nil map": {}, "nil stringer": {},
		"nil inside":   {Repr: `{"A":null,"B":null,"C":null,"D":null,"E":null}`},
		"func":         {Repr: "<func()>"},
		"chan":         {Repr: "<chan int>"},
		"panics":       {Text: "!PANIC in preview.panics"},
		"int keys":     {Repr: `{"1":"a","2":"b"}`},
		"struct keys":  {Repr: `{"<struct { A int }>":"x"}`},
		"nan":          {Repr: "NaN"},
		"cycle":        {Text: "t"},
		"valuer deep":  {Repr: `{"text":{"text":{"text":{"text":{"text":{"text":{…}}}}}}}`},
		"nonsense":     {Repr: "{}"},
		"nested bytes": {Repr: `{"x":"abc"}`},
		"error":        {Text: "e"},
	} {
		assert.Equal(t, want, Of(values[name], 0), name)
	}
}

// A response of fifty megabytes costs about what a small one costs.
func TestHugeInput(t *testing.T) {
	huge := strings.Repeat("All work and no play. ", 50<<20/22)
	most := uint64(1 << 20)
	if !slogattrs.Known() {
		most += 51 << 20 // with the tag slogtel_safe bytes are copied once
	}
	for name, raw := range map[string]any{
		"string": huge, "bytes": []byte(huge), "json": []byte(`{"candidates":[{"content":{"parts":[{"text":"` + huge + `"}]}}],"modelVersion":"m"}`),
		"image": obj{"candidates": list{obj{"content": obj{"parts": list{obj{"inlineData": obj{"data": []byte(huge)}}, obj{"text": huge}}}}}},
		"open":  `{"text":"` + huge, "array": "[" + strings.Repeat("[1,2],", 50<<20/6) + "[]]",
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			p := Of(raw, 0)
			runtime.ReadMemStats(&after)
			assert.Less(t, after.TotalAlloc-before.TotalAlloc, most, "bytes allocated")
			checkSane(t, p, 0)
		})
	}
}

// Nothing of a preview shares memory with the response: bytes may be used again.
func TestNothingIsShared(t *testing.T) {
	raw := []byte(`{"model":"model","text":"text","usage":{"name":"value"},"finish_reason":"finish","safety":"safety"}`)
	p := Of(raw, 0)
	before := marshal(t, p)
	for i := range raw {
		raw[i] = '#'
	}
	assert.Equal(t, before, marshal(t, p))
}
