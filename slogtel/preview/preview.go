package preview

import (
	"log/slog"
	"reflect"
)

// Bounds on what a preview holds, in characters, each without the mark of a cut
// ("…[+1234 bytes]", at most 30 characters more).
const (
	maxLimit  = 1 << 16 // on the limit itself
	maxModel  = 128
	maxFinish = 256
	maxSafety = 256
	maxUsage  = 8  // entries
	maxScalar = 64 // the key and the value of an entry
	maxTools  = 8  // names
	maxTool   = 64 // one name
)

// A Preview is a small, sanitized view of a provider's raw response. Every field is optional.
type Preview struct {
	// Model is the model that answered, as the provider names it.
	Model string `json:"model,omitempty"`
	// Text is the response's text where the provider gives it at the top: Anthropic's
	// content, OpenAI's output, a plain text, {"text": …}.
	Text string `json:"text,omitempty"`
	// Candidate0Text is the text of the first of several answers: Gemini's candidates,
	// OpenAI's choices.
	Candidate0Text string `json:"candidate0_text,omitempty"`
	// Usage holds at most eight scalars, under the provider's own names: the well-known
	// token counts first, nested ones such as cached_tokens among them, then the others by
	// name. The values are int64, uint64, float64, bool or string.
	Usage map[string]any `json:"usage,omitempty"`
	// FinishReason says why the first answer ended, in the provider's words, with the
	// message that explains it, if there is one: "REASON: message".
	FinishReason string `json:"finish_reason,omitempty"`
	// Safety sums up the ratings of the provider's filters: CATEGORY=PROBABILITY, …
	Safety string `json:"safety,omitempty"`
	// Tools are the different tools that the first answer calls, by name, in the order of
	// their first call. Of more than eight the last entry counts the rest.
	Tools []string `json:"tools,omitempty"`
	// Repr renders a response of unknown shape. It is only set where no other field is.
	Repr string `json:"repr,omitempty"`
}

// of builds the preview of a response. The limit is between 1 and maxLimit.
func of(raw any, limit int) (p Preview) {
	defer func() {
		if r := recover(); r != nil { // what foreign methods do is caught where they are called
			p = Preview{Repr: "!PANIC in preview of " + reflect.TypeOf(raw).String()}
		}
	}()
	v := fromValue(reflect.ValueOf(raw))
	r := newResponse(limit)
	switch v.kind {
	case null:
		return Preview{}
	case text:
		c := v.clip(window(limit))
		if v.doc == nil {
			v = r.document(v.str)
		}
		if p = r.preview(); p.IsZero() && v.kind == text {
			return Preview{Text: c.cut(limit)}
		}
	default:
		r.read(v, 0)
		p = r.preview()
	}
	if p.IsZero() {
		p.Repr = repr(v, limit)
	}
	return p
}

// document reads a text that is a response: JSON, the beginning of it, or a stream. It
// returns the view of what is to be rendered where nothing was found.
func (r *response) document(s string) view {
	whole := view{kind: text, str: s}
	if looksJSON(s) {
		v, ok, head := parseHead(s)
		if ok || head {
			r.read(v, 0)
		}
		if ok {
			return v
		}
		if head {
			return whole
		}
	}
	if seq := stream(s); seq != nil {
		r.chunks(seq, 0)
	}
	return whole
}

// looksJSON reports whether a text could be a JSON object or array. A text that is a JSON
// scalar is more likely just a text.
func looksJSON(s string) bool {
	i := space(s, 0)
	return at(s, i) == '{' || at(s, i) == '[' || len(s) >= 3 && s[:3] == "\ufeff"
}

// IsZero reports whether the preview is empty.
func (p Preview) IsZero() bool {
	return p.Model == "" && p.Text == "" && p.Candidate0Text == "" && len(p.Usage) == 0 &&
		p.FinishReason == "" && p.Safety == "" && len(p.Tools) == 0 && p.Repr == ""
}

// LogValue returns the preview as a group with the names that it has in JSON.
func (p Preview) LogValue() slog.Value {
	attrs := make([]slog.Attr, 0, 8)
	add := func(key, s string) {
		if s != "" {
			attrs = append(attrs, slog.String(key, s))
		}
	}
	add("model", p.Model)
	add("text", p.Text)
	add("candidate0_text", p.Candidate0Text)
	if len(p.Usage) > 0 {
		attrs = append(attrs, slog.Attr{Key: "usage", Value: slog.GroupValue(usageAttrs(p.Usage)...)})
	}
	add("finish_reason", p.FinishReason)
	add("safety", p.Safety)
	if len(p.Tools) > 0 {
		attrs = append(attrs, slog.Any("tools", p.Tools))
	}
	add("repr", p.Repr)
	return slog.GroupValue(attrs...)
}
