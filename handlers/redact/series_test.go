package redact

import (
	"context"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/slogattrs"
	"github.com/slogtel/telemetry/internal/testkit"
)

// last keeps the attributes of the last record.
type last struct{ attrs []slog.Attr }

func (*last) Enabled(context.Context, slog.Level) bool { return true }
func (l *last) Handle(_ context.Context, r slog.Record) error {
	l.attrs = testkit.Attrs(r)
	return nil
}
func (l *last) WithAttrs([]slog.Attr) slog.Handler { return l }
func (l *last) WithGroup(string) slog.Handler      { return l }

func textsOf(attrs []slog.Attr) map[string]string {
	texts := map[string]string{}
	for _, a := range attrs {
		texts[a.Key] = a.Value.Resolve().String()
	}
	return texts
}

// What is known of a series hides nothing less: a record that points to one becomes what the same
// record becomes that does not, each time.
func TestRedactOfSeries(t *testing.T) {
	const token = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
	clean := testkit.Timing("pipeline.plan", "pipeline", 1, 0.25, "")
	failed := testkit.Timing("pipeline.plan", "pipeline", 1, 0.25, "refused "+token)
	labelled := testkit.Timing("pipeline.plan", "pipeline", 1, 0.25, "")
	labelled.AddAttrs(slog.String("val", "sesame-open-12"), slog.String("name", "api_key"))
	dirtyAttr := testkit.Timing("pipeline.plan", "pipeline", 1, 0.25, "")
	dirtyAttr.AddAttrs(slog.String("model", "m"), slog.String("password", "x"), slog.String("text", "is "+token))
	records := map[string]slog.Record{
		"clean": clean, "failed": failed, "labelled": labelled, "attributes": dirtyAttr,
		"scope":  testkit.Timing("user."+token, "user", 1, 0.25, ""),
		"parent": testkit.Timing("user.x", "of."+token, 1, 0.25, ""),
		"count":  testkit.Metric("hits", event.TypeCounter, slog.Int64Value(4111111111111111)),
		"name":   testkit.Metric("hits."+token, event.TypeCounter, slog.Int64Value(1)),
	}
	for name, opts := range map[string]*Options{
		"default": nil, "patterns": withPatterns, "own key": {Keys: []string{"duration_s", "value"}}, "all": {Keys: []string{"*"}},
		"scope": {Keys: []string{"scope"}}, "in a group": {Keys: []string{"g.*"}}, "in a hidden group": {Keys: []string{"g"}}, "secrets": {Kinds: Secrets},
	} {
		for _, derive := range []func(slog.Handler) slog.Handler{
			func(h slog.Handler) slog.Handler { return h },
			func(h slog.Handler) slog.Handler { return h.WithGroup("g") },
			func(h slog.Handler) slog.Handler { return h.WithAttrs([]slog.Attr{slog.String("name", "api_key")}) },
		} {
			var to last
			h := derive(New(opts)(&to))
			for what, r := range records {
				assert.NoError(t, h.Handle(ctx, r))
				want := textsOf(to.attrs)
				r = testkit.OfSeries(r)
				for range 2 {
					assert.NoError(t, h.Handle(ctx, r))
					assert.Equal(t, want, textsOf(to.attrs), "%s, %s", name, what)
				}
			}
		}
	}
	assert.False(t, newRules(nil).hidesOwn)
	assert.False(t, newRules(withPatterns).hidesOwn)
}

// Where nothing is hidden of a series, later handlers still find it; where something is, they do not.
func TestRedactKeepsTheSeries(t *testing.T) {
	if !slogattrs.Known() {
		t.Skip("all goes the long way")
	}
	var to last
	for scope, keeps := range map[string]bool{"a": true, "ghp_0123456789abcdefghijABCDEFGHIJ012345": false} {
		r := testkit.OfSeries(testkit.Timing(scope, "", 0, 0.25, ""))
		r.AddAttrs(slog.String("password", "x"))
		assert.NoError(t, New(nil)(&to).Handle(ctx, r))
		assert.NotEqual(t, "x", textsOf(to.attrs)["password"])
		_, is := to.attrs[3].Value.Any().(*event.Series)
		assert.Equal(t, keeps, is)
		assert.Equal(t, "timing", to.attrs[3].Value.Resolve().String())
	}
}
