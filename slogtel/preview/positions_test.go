package preview

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/secrets/secretstest"
)

// positions are the places of a response from which something is shown. Each puts a text there.
var positions = map[string]func(s string) any{
	"plain text":         func(s string) any { return s },
	"bytes":              func(s string) any { return []byte(s) },
	"error":              func(s string) any { return fmt.Errorf("failed: %s", s) },
	"model":              func(s string) any { return obj{"model": s} },
	"text":               func(s string) any { return obj{"text": s} },
	"output text":        func(s string) any { return obj{"output": list{obj{"content": list{obj{"text": s}}}}} },
	"content":            func(s string) any { return obj{"content": list{obj{"type": "text", "text": s}}} },
	"candidate":          func(s string) any { return obj{"candidates": list{obj{"content": obj{"parts": list{obj{"text": s}}}}}} },
	"choice":             func(s string) any { return obj{"choices": list{obj{"message": obj{"content": s}}}} },
	"two parts":          func(s string) any { return obj{"text": list{s[:len(s)/2], s[len(s)/2:]}} },
	"finish reason":      func(s string) any { return obj{"finish_reason": s} },
	"candidate finish":   func(s string) any { return obj{"candidates": list{obj{"finishReason": s}}} },
	"safety":             func(s string) any { return obj{"safety": s} },
	"safety category":    func(s string) any { return obj{"safety": obj{s: "LOW"}} },
	"safety rating":      func(s string) any { return obj{"safetyRatings": list{obj{"category": s, "probability": s}}} },
	"block reason":       func(s string) any { return obj{"promptFeedback": obj{"blockReason": s}} },
	"refusal":            func(s string) any { return obj{"choices": list{obj{"message": obj{"refusal": s}}}} },
	"tool name":          func(s string) any { return obj{"content": list{obj{"type": "tool_use", "name": s}}} },
	"tool call":          func(s string) any { return obj{"message": obj{"tool_calls": list{obj{"function": obj{"name": s}}}}} },
	"finish message":     func(s string) any { return obj{"candidates": list{obj{"finishReason": "OTHER", "finishMessage": s}}} },
	"block message":      func(s string) any { return obj{"promptFeedback": obj{"blockReason": "OTHER", "blockReasonMessage": s}} },
	"error of an answer": func(s string) any { return obj{"text": "x", "error": obj{"type": "e", "message": s}} },
	"nested usage":       func(s string) any { return obj{"usage": obj{"details": obj{"cached_tokens": s}}} },
	"chunks":             func(s string) any { return list{obj{"text": s[:len(s)/2]}, obj{"text": s[len(s)/2:]}} },
	"chunks inside":      func(s string) any { return obj{"body": list{obj{"text": s}, obj{"text": "x"}}} },
	"event stream":       func(s string) any { return "data: " + string(toJSON(obj{"delta": obj{"text": s}})) + "\n\n" },
	"event stream text":  func(s string) any { return "data: " + s + "\n\n" },
	"JSON lines":         func(s string) any { return string(toJSON(obj{"text": s})) + "\n{}\n" },
	"cut off":            func(s string) any { return `{"text":` + string(toJSON(s)) + `,"a":` },
	"unknown envelope":   func(s string) any { return obj{"x": obj{"model": "m", "text": s}} },
	"usage value":        func(s string) any { return obj{"usage": obj{"a": s}} },
	"usage key":          func(s string) any { return obj{"usage": obj{s: 1}} },
	"unknown":            func(s string) any { return obj{"x": s} },
	"unknown key":        func(s string) any { return obj{s: 1} },
	"unknown list":       func(s string) any { return list{1, list{s}} },
	"deep":               func(s string) any { return obj{"a": obj{"b": obj{"c": list{obj{"d": s}}}}} },
	"struct":             func(s string) any { return struct{ A, B string }{"a", s} },
	"struct text":        func(s string) any { return &struct{ Text string }{s} },
	"key type":           func(s string) any { return map[textPart]int{textPart(s): 1} },
	"stringer":           func(s string) any { return obj{"x": speaker{s}} },
	"JSON in text":       func(s string) any { return string(toJSON(obj{"x": s})) + " trailing" },
	"JSON in JSON":       func(s string) any { return obj{"x": string(toJSON(obj{"y": s}))} },
	"JSON in JSON body":  func(s string) any { return obj{"body": string(toJSON(obj{"text": s}))} },
}

type (
	obj  = map[string]any
	list = []any
)

// speaker says itself what it is.
type speaker struct{ s string }

func (s speaker) String() string { return s.s }

func toJSON(x any) []byte {
	b, err := json.Marshal(x)
	if err != nil {
		panic(err)
	}
	return b
}

// forms are a response as a value and as JSON. Bytes are left as they are: JSON would show them in base64,
// which nobody looks into.
func forms(raw any) []any {
	all := []any{raw}
	if _, ok := raw.([]byte); ok {
		return all
	}
	if b, err := json.Marshal(raw); err == nil {
		all = append(all, b, string(b), json.RawMessage(b))
	}
	return all
}

// survives returns what a preview shows of a secret, in a field or in the JSON of the whole.
func survives(p Preview, b, around string, e secretstest.Example) string {
	for _, s := range append(texts(p), b) {
		if part := secretstest.Leak(s, around, e); part != "" {
			return part
		}
	}
	around += strings.Replace(e.Text, e.Secret, "\x00", 1)
	quoted := string(toJSON(e.Secret))
	return secretstest.Leak(b, around+string(toJSON(around)), secretstest.Example{Text: quoted, Secret: quoted[1 : len(quoted)-1]})
}

// No example of the table of secrets is to be seen in a preview, wherever in the response it stands and
// however the response comes.
func TestSecretsInEveryPosition(t *testing.T) {
	for where, put := range positions {
		t.Run(where, func(t *testing.T) {
			for _, r := range secretstest.Shapes {
				for _, e := range r.Match {
					raw := put("before " + e.Text + " after")
					for _, form := range forms(raw) {
						for _, limit := range []int{0, 20, 60} {
							p := Of(form, limit)
							b := marshal(t, p)
							assert.Empty(t, survives(p, b, "before after", e), "%s at %d: %q in %s", r.Rule, limit, e.Secret, b)
						}
					}
				}
			}
		})
	}
}

// Values under the name of a secret are not shown, whatever they are.
func TestSecretsByKey(t *testing.T) {
	for _, r := range secretstest.Keys {
		for _, name := range r.Match {
			for _, value := range []any{"hushhush", list{"hushhush"}, obj{"x": "hushhush"}, 73730, speaker{"hushhush"}} {
				for _, raw := range []any{
					obj{name: value}, obj{"a": list{obj{name: value}}}, obj{"usage": obj{name: value}}, obj{"safety": obj{name: value}},
					list{name, value}, obj{"name": name, "value": value}, obj{"text": string(toJSON(obj{"key": name, "value": value}))}, obj{"headers": list{obj{"key": name, "values": list{value}}}},
				} {
					b := marshal(t, Of(raw, 0))
					assert.NotContains(t, b, "hushhush", "%s: %v", name, raw)
					assert.NotContains(t, b, "73730", "%s: %v", name, raw)
				}
			}
		}
	}
}

// Types that hide their content in logs are not looked into.
type (
	hiddenString string
	hiddenStruct struct{ Value string }
	hiddenJSON   struct{ value string }
	hiddenText   []byte
)

func (hiddenString) String() string              { return "***" }
func (hiddenStruct) LogValue() slogValue         { return hiddenValue }
func (hiddenJSON) MarshalJSON() ([]byte, error)  { return []byte(`"***"`), nil }
func (*hiddenText) MarshalText() ([]byte, error) { return []byte("***"), nil }

func TestTypesThatHide(t *testing.T) {
	text := hiddenText("hushhush")
	for _, raw := range []any{
		obj{"x": hiddenString("hushhush")}, struct{ X hiddenString }{"hushhush"}, obj{"x": hiddenStruct{"hushhush"}}, obj{"x": &hiddenStruct{"hushhush"}},
		list{hiddenJSON{"hushhush"}}, list{&text}, &struct{ X hiddenText }{text}, obj{"text": hiddenString("hushhush")},
		obj{"usage": obj{"a": hiddenString("hushhush")}}, map[hiddenString]int{"hushhush": 1},
	} {
		b := marshal(t, Of(raw, 0))
		assert.NotContains(t, b, "hushhush", "%#v", raw)
		assert.Contains(t, b, "***", "%#v", raw)
	}
}

func TestURLs(t *testing.T) {
	u := mustURL("https://user:hushhush@example.com/?key=hushhush&x=1")
	b := marshal(t, Of(obj{"url": u, "user": u.User}, 0))
	assert.NotContains(t, b, "hushhush")
	assert.Contains(t, b, "example.com")
}
