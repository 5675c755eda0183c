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

// New returns a middleware that hides secrets and personal data in records before the next handler sees them. It looks
// at the message, at keys and names of groups, and at the values of all attributes, also those given to With:
//
//   - by name: the value under password, x-api-key, client_secret or card_number is hidden, whatever it is. A group of
//     such a name is hidden as a whole. Options add names and exempt names.
//   - by shape: in any text, tokens with a vendor's prefix, JSON Web Tokens, private keys, card numbers, URLs with a
//     password, headers and name=value pairs are hidden.
//
// Nil opts hide secrets and personal data.
//
// The middleware belongs right before the sinks: before a fan-out to several of them, and after other middleware that
// adds attributes. It cannot see what the next handler itself adds, from the context for example.
//
// Lists of settings and headers name a value in the attribute beside it. The value is hidden in
// {"name": "api_key", "value": …}, in ["--password", …], and in two attributes name and value. A value that was given to
// With before its name is not hidden.
//
// # What passes
//
// Strings, numbers, booleans, times and groups in which nothing is found are passed on as they are, without an
// allocation. So are structs made of nothing else, and errors made by packages errors and fmt. Any other value behind
// slog.Any is replaced by a copy. The sinks cannot call its methods, and do not see later changes of it:
//
//   - A LogValuer is resolved. A string type that resolves to itself, such as metric_type, is passed on.
//   - A json.Marshaler, encoding.TextAppender, encoding.TextMarshaler or fmt.Stringer is asked once. The copy shows the
//     same JSON and the same text.
//   - An error remains an error with the same text. errors.Is finds the same errors in it; errors.As and errors.Unwrap
//     do not.
//   - Maps and structs become map[string]any, with the names and the omissions of encoding/json. Slices become []any.
//   - Values nested more than 100 levels deep are left out, and so are all after the first 16384.
//
// A number, time or boolean is hidden because of its name only, so that the values of a key keep their type. Texts are
// not decoded: a secret in base64 is not found.
//
// Flush, Shutdown, ScopeStarted and RetainsRecords are forwarded to the next handler.
func New(opts *Options) slogmulti.Middleware {
	rules := newRules(opts)
	return func(next slog.Handler) slog.Handler {
		return &redactor{Optional: forward.Optional{To: next}, rules: rules}
	}
}

// OnError returns a function for slogtel.Options.OnError. It calls next with the error, without the secrets in its text:
// a reporter's error may quote the event that the reporter refused.
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
	groups []string // the open groups
	hidden bool     // one of them has the name of a secret
	label  bool     // in the innermost one an attribute name says that the next value is a secret
}

var _ slog.Handler = (*redactor)(nil)

func (h *redactor) Enabled(ctx context.Context, l slog.Level) bool { return h.To.Enabled(ctx, l) }

func (h *redactor) Handle(ctx context.Context, r slog.Record) error {
	w := h.walk()
	switch r.Message {
	case schema.MessageTiming, schema.MessageMetric, schema.MessageSummary:
		w.telemetry = true
	}
	msg, first := r.Message, 0
	if w.telemetry {
		first = h.known(w, &r)
	}
	if first == 0 {
		msg, _ = w.text(msg)
	}
	r.Attrs(func(a slog.Attr) bool {
		w.record = append(w.record, a)
		return true
	})
	clean, changed := w.attrs(w.record[first:])
	if w.label && !h.label { // the value may stand before its name
		clean, changed = w.hideBeside(clean, changed), true
	}
	if !changed {
		w.done()
		r.Message = msg
		return h.To.Handle(ctx, r)
	}
	if first > 0 {
		clean = append(w.record[:first:first], clean...)
	}
	w.done()
	for i := first; i < len(clean); i++ { // a series has the names of its scope, as they were
		if s, ok := clean[i].Value.Any().(*schema.Series); ok && s != nil {
			clean[i].Value = slog.AnyValue(s.Type)
		}
	}
	r2 := slog.NewRecord(r.Time, r.Level, msg, r.PC)
	r2.AddAttrs(clean...)
	return h.To.Handle(ctx, r2)
}

// known returns how many attributes of an event, from the first on, have nothing to hide: its series
// has been looked at before, and the others are numbers. It is 0 where that is not known.
func (h *redactor) known(w *walk, r *slog.Record) int {
	if h.hidden || h.label || len(h.groups) > 0 && h.rules.hasPaths || h.rules.hidesOwn {
		return 0
	}
	first, tidy := schema.IsTidy(r)
	if !tidy {
		return 0
	}
	s := schema.SeriesOf(r)
	if s == nil {
		return 0
	}
	if h.rules.clean.Find(s) == nil {
		_, path := w.scope(s.Path)
		_, parent := w.scope(s.Parent)
		if path || parent {
			return 0
		}
		h.rules.clean.Put(s, s)
	}
	return first
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
