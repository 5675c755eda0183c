package preview

import (
	"log/slog"
	"reflect"
)

// DefaultLimit is the number of characters that texts are cut at where no other limit is given.
const DefaultLimit = 512

// Bounds on what a preview holds, in characters, each without the mark of a cut ("…[+1234 bytes]", at
// most 30 characters more).
const (
	maxLimit  = 1 << 16 // on the limit itself
	maxModel  = 128
	maxFinish = 64
	maxSafety = 256
	maxUsage  = 8  // entries
	maxScalar = 64 // the key and the value of an entry
)

// Preview is a small, sanitized view of a provider's raw response. Every field is optional.
type Preview struct {
	// Model is the model that answered, as the provider names it.
	Model string `json:"model,omitempty"`
	// Text is the response's text where the provider gives it at the top: Anthropic's content,
	// OpenAI's output, a plain text, {"text": …}.
	Text string `json:"text,omitempty"`
	// Candidate0Text is the text of the first of several answers: Gemini's candidates, OpenAI's choices.
	Candidate0Text string `json:"candidate0_text,omitempty"`
	// Usage holds at most eight scalars, under the provider's own names: the well-known token counts
	// first, then the others by name. The values are int64, uint64, float64, bool or string.
	Usage map[string]any `json:"usage,omitempty"`
	// FinishReason says why the first answer ended, in the provider's words.
	FinishReason string `json:"finish_reason,omitempty"`
	// Safety sums up what the provider's filters said: CATEGORY=PROBABILITY, …
	Safety string `json:"safety,omitempty"`
	// Repr renders a response of unknown shape. It is only set where no other field is.
	Repr string `json:"repr,omitempty"`
}

// Of builds the preview of a provider's raw response. The texts in it are cut at limit characters, or at
// [DefaultLimit] where limit is zero or less; a limit beyond 65536 counts as that.
//
// It never panics and never changes raw. Raw must not be changed by others meanwhile: a map that is
// written to while it is read ends the program, and nothing can recover from that.
func Of(raw any, limit int) (p Preview) {
	if limit <= 0 {
		limit = DefaultLimit
	}
	limit = min(limit, maxLimit)
	defer func() {
		if r := recover(); r != nil { // what foreign methods do is caught where they are called
			p = Preview{Repr: "!PANIC in preview of " + reflect.TypeOf(raw).String()}
		}
	}()
	v := fromValue(reflect.ValueOf(raw))
	if v.kind == text && v.doc == nil && looksJSON(v.str) {
		if parsed, ok := parse(v.str); ok {
			v = parsed
		}
	}
	switch v.kind {
	case null:
		return Preview{}
	case text:
		return Preview{Text: v.clip(window(limit)).cut(limit)}
	}
	r := response{limit: limit}
	r.read(v)
	p = r.preview()
	if p.IsZero() {
		p.Repr = repr(v, limit)
	}
	return p
}

// looksJSON reports whether a text could be a JSON object or array. A text that is a JSON scalar is more
// likely just a text.
func looksJSON(s string) bool {
	i := space(s, 0)
	return at(s, i) == '{' || at(s, i) == '[' || len(s) >= 3 && s[:3] == "\ufeff"
}

// IsZero reports whether there is nothing in the preview.
func (p Preview) IsZero() bool {
	return p.Model == "" && p.Text == "" && p.Candidate0Text == "" && len(p.Usage) == 0 &&
		p.FinishReason == "" && p.Safety == "" && p.Repr == ""
}

// LogValue is the preview as a group with the names that it has in JSON.
func (p Preview) LogValue() slog.Value {
	attrs := make([]slog.Attr, 0, 7)
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
	add("repr", p.Repr)
	return slog.GroupValue(attrs...)
}
