package slogtel_test

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/preview"
)

var rawPreview = preview.New(&preview.Options{Mode: preview.On}).Attr(`{"model":"m-1","text":"hello"}`)

// The group of package preview is the one key of ours that callers set. It stands before
// their own attributes, whichever way it came.
func TestPreviewOnATiming(t *testing.T) {
	for name, give := range map[string]func(*slogtel.Span){
		"SetAttrs": func(s *slogtel.Span) { s.SetAttrs(slog.Int("n", 1), rawPreview) },
		"End":      func(s *slogtel.Span) { s.SetAttrs(slog.Int("n", 1)); s.End(rawPreview) },
		"both": func(s *slogtel.Span) {
			s.SetAttrs(slog.Int("n", 1), slog.Group("raw_preview", slog.Int("old", 1)))
			s.End(rawPreview)
		},
		"without a name": func(s *slogtel.Span) { s.SetAttrs(slog.Group("", slog.Int("n", 1), rawPreview)) },
	} {
		tel, c, _ := setup(slogtel.Options{})
		_, span := tel.Start(t.Context(), "a")
		span.Fail(assert.AnError)
		give(span)
		span.End()
		list := c.attrs(t)
		keys := keysOf(list)
		require.Equal(t, []string{"error", "raw_preview", "n"}, keys[len(keys)-3:], name)
		assert.Equal(t, "m-1", valueOf(t, list, "raw_preview").Group()[0].Value.String(), name)
	}
}

// One key, one type: what is no group, or on a metric, is the caller's own.
func TestPreviewElsewhereIsTheCallers(t *testing.T) {
	tel, c, _ := setup(slogtel.Options{})
	_, span := tel.Start(t.Context(), "a")
	span.End(slog.String("raw_preview", "text"))
	tel.Count(t.Context(), "b", 1, rawPreview)
	for _, r := range c.all() {
		assert.Contains(t, keysOf(testkit.Attrs(r)), "user_raw_preview")
		assert.NotContains(t, keysOf(testkit.Attrs(r)), "raw_preview")
	}
}

func TestPreviewThatIsOffAddsNothing(t *testing.T) {
	off := preview.New(&preview.Options{Mode: preview.Off})
	tel, c, _ := setup(slogtel.Options{})
	_, span := tel.Start(t.Context(), "a")
	span.SetAttrs(off.Attr("raw"), off.Attr("raw"))
	span.End(off.Attr("raw"))
	tel.Count(t.Context(), "b", 1, off.Attr("raw"))
	for _, r := range c.all() {
		assert.NotContains(t, keysOf(testkit.Attrs(r)), "")
	}
}
