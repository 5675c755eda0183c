package redact

import (
	"context"
	"log/slog"
	"slices"

	slogmulti "github.com/samber/slog-multi"

	schema "github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/forward"
	"github.com/slogtel/telemetry/scope"
)

// Redact returns a middleware that hides secrets and personal data, in records of an app
// and of telemetry alike, before the next handler sees them. It looks at the message, at
// keys and names of groups, and at the values of all attributes, those of With among them:
//
//   - by name: a value under password, x-api-key, client_secret, card_number … is hidden
//     whatever it is, a group as a whole. Options add names and take names off the list.
//   - by shape: in any text, tokens with a vendor's prefix, JSON Web Tokens, private keys,
//     card numbers, URLs with a password, headers, name=value pairs.
//
// The tables are those of previews of raw responses. Nil opts hide both kinds.
//
// Put it next to the sinks: before the fan-out to all of them, and behind any middleware that
// adds attributes. What a handler behind it adds by itself, from the context say, it cannot see.
//
// In lists of settings and headers the value follows its name: in {"name": "api_key", "value": …},
// ["--password", …] and attributes name and value beside each other, it is hidden too. What
// was given to With before its name is known has passed.
//
// # What passes
//
// Strings, numbers, booleans, times and groups in which nothing is found pass as they are,
// at no allocation. So do plain structs that hold nothing but these, and errors that
// packages errors and fmt made of such. Any other value behind slog.Any is
// replaced by a copy, so that no sink calls its methods or sees what becomes of it later:
//
//   - A LogValuer is resolved (one that is a string type and resolves to itself, as metric_type
//     does, passes), a json.Marshaler, encoding.TextMarshaler or fmt.Stringer asked for its text.
//     What is passed on shows as JSON what the value would, and as text too.
//   - An error stays an error of the same text, for errors.Is also of the same identity; it
//     cannot be unwrapped.
//   - Maps and structs become map[string]any, with the names that encoding/json gives them,
//     and slices []any. Fields that encoding/json leaves out are left out.
//   - What lies more than 100 levels deep or behind the first 16384 values is cut off.
//
// Under a key of one name there is always one type: a number, time or boolean is hidden by
// its name only, never by its shape. Texts are not decoded: a secret in base64 stays.
//
// Flush, Shutdown, ScopeStarted and RetainsRecords are passed on.
func New(opts *Options) slogmulti.Middleware {
	rules := newRules(opts)
	return func(next slog.Handler) slog.Handler {
		return &redactor{Optional: forward.Optional{To: next}, rules: rules}
	}
}

// OnError returns a function for slogtel.Options.OnError, or any like it, that gives next the error without the
// secrets in its text: what a reporter complains of may hold the event that it refused.
func OnError(opts *Options, next func(context.Context, error)) func(context.Context, error) {
	rules := newRules(opts)
	return func(ctx context.Context, err error) {
		if err == nil {
			next(ctx, nil)
			return
		}
		h := redactor{rules: rules}
		w := h.walk()
		clean, _ := w.err(err)
		w.done()
		next(ctx, clean)
	}
}

// redactor is immutable.
type redactor struct {
	forward.Optional
	rules  *rules
	groups []string // the open ones
	hidden bool     // one of them bears the name of a secret
	label  bool     // an attribute in the innermost one says that the value behind it is a secret
}

var _ slog.Handler = (*redactor)(nil)

func (h *redactor) Enabled(ctx context.Context, l slog.Level) bool { return h.To.Enabled(ctx, l) }

func (h *redactor) Handle(ctx context.Context, r slog.Record) error {
	w := h.walk()
	switch r.Message {
	case "telemetry.timing", "telemetry.metric", "telemetry.summary":
		w.telemetry = true
	}
	msg, _ := w.text(r.Message)
	var clean []slog.Attr // all attributes, once one had to be changed
	n := 0
	r.Attrs(func(a slog.Attr) bool {
		b, changed := w.attr(a)
		if changed && clean == nil {
			clean = firstAttrs(r, n)
		}
		if clean != nil {
			clean = append(clean, b)
		}
		n++
		return true
	})
	if w.label && !h.label { // the value may stand before its name
		if clean == nil {
			clean = firstAttrs(r, n)
		}
		clean = w.hideBeside(clean, true)
	}
	w.done()
	if clean == nil {
		r.Message = msg
		return h.To.Handle(ctx, r)
	}
	for i := range clean { // a series has the names of its scope, as they were
		if s, ok := clean[i].Value.Any().(*schema.Series); ok && s != nil {
			clean[i].Value = slog.AnyValue(s.Type)
		}
	}
	r2 := slog.NewRecord(r.Time, r.Level, msg, r.PC)
	r2.AddAttrs(clean...)
	return h.To.Handle(ctx, r2)
}

// firstAttrs returns the first n attributes of r, with room for the others.
func firstAttrs(r slog.Record, n int) []slog.Attr {
	attrs := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		if len(attrs) == n {
			return false
		}
		attrs = append(attrs, a)
		return true
	})
	return attrs
}

func (h *redactor) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	w := h.walk()
	attrs, own := w.attrs(attrs)
	if w.label && !h.label {
		attrs = w.hideBeside(attrs, own)
	}
	h2 := *h
	h2.label = w.label
	w.done()
	h2.To = h.To.WithAttrs(attrs)
	return &h2
}

func (h *redactor) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	w := h.walk()
	clean, _ := w.text(name)
	hidden := w.hides(name)
	w.done()
	h2 := *h
	h2.To = h.To.WithGroup(clean)
	h2.groups = append(slices.Clip(h.groups), name)
	h2.hidden, h2.label = h.hidden || hidden, false
	return &h2
}

// ScopeStarted tells the next handler of a scope, if it wants to know.
func (h *redactor) ScopeStarted(ctx context.Context, s scope.Info) {
	if !h.WatchesScopes() {
		return
	}
	w := h.walk()
	s.Path, _ = w.scope(s.Path)
	s.Parent, _ = w.scope(s.Parent)
	w.done()
	forward.ScopeStarted(ctx, h.To, s)
}
