package redact

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

// The value of a metric is telemetry's own, whatever its attributes are called.
func TestRedactLeavesTelemetryItsKeys(t *testing.T) {
	var got []slog.Record
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, New(nil)(collect{&got}))
	tel.Metric(t.Context(), "state", "warming up", slog.String("name", "api_key"))
	tel.Metric(t.Context(), "state", "warming up", slog.String("key", "token"), slog.String("content", "hunter2x"))
	require.Len(t, got, 2)
	for _, r := range got {
		m, ok := slogtel.DecodeMetric(r)
		require.True(t, ok)
		assert.Equal(t, "warming up", m.Value.String())
	}
	m, _ := slogtel.DecodeMetric(got[1])
	assert.Equal(t, "[REDACTED]", m.Attrs[len(m.Attrs)-1].Value.String(), "an attribute beside a name is the app's")
}

type collect struct{ records *[]slog.Record }

func (c collect) Enabled(context.Context, slog.Level) bool { return true }
func (c collect) Handle(_ context.Context, r slog.Record) error {
	*c.records = append(*c.records, r.Clone())
	return nil
}
func (c collect) WithAttrs([]slog.Attr) slog.Handler { return c }
func (c collect) WithGroup(string) slog.Handler      { return c }

// A token in the name of a scope is in small letters by the time it is a scope.
func TestRedactScopes(t *testing.T) {
	var b bytes.Buffer
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, New(nil)(newJSON(&b, nil)))
	for _, token := range []string{"AKIA" + "5HGAZYXDOWG7M6RX", "sk-" + "proj-a1B2c3D4e5F6g7H8i9J0", "ghp" + "_a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5F6g7H8"} {
		b.Reset()
		ctx, span := tel.Start(t.Context(), "sync."+token)
		_, inner := tel.Start(ctx, "step")
		inner.End()
		span.End()
		assert.Contains(t, b.String(), `"scope":"sync.[REDACTED]`)
		assert.Contains(t, b.String(), `"parent_scope":"sync.[REDACTED]`)
		assert.NotContains(t, strings.ToLower(b.String()), strings.ToLower(token[len(token)-8:]))
	}
	b.Reset()
	_, span := tel.Start(t.Context(), "batch.generate_content.v2")
	span.End()
	assert.Contains(t, b.String(), `"scope":"batch.generate_content.v2"`)

	w := &watching{Handler: slog.DiscardHandler}
	New(nil)(w).(slogtel.ScopeWatcher).ScopeStarted(t.Context(), scope.Info{Path: "sync.akia5hgazyxdowg7m6rx"})
	assert.Equal(t, "sync.[REDACTED]", w.last.Path)
}

type watching struct {
	slog.Handler
	last scope.Info
}

func (w *watching) ScopeStarted(_ context.Context, s scope.Info) { w.last = s }

func TestOnError(t *testing.T) {
	var got error
	report := OnError(nil, func(_ context.Context, err error) { got = err })
	report(t.Context(), fmt.Errorf("refused: token=%s: %w", "EXAMPLEvalue1", io.EOF))
	assert.EqualError(t, got, "refused: token=[REDACTED] EOF")
	assert.ErrorIs(t, got, io.EOF)
	report(t.Context(), io.EOF)
	assert.True(t, got == io.EOF, "a clean one passes as it is")
	report(t.Context(), nil)
	assert.NoError(t, got)
}

// problem is an error that tells its own JSON, as those of RFC 9457 do.
type problem struct {
	Title  string         `json:"title"`
	Detail map[string]any `json:"detail"`
}

func (p *problem) Error() string { return "problem: " + p.Title }
func (p *problem) MarshalJSON() ([]byte, error) {
	type plain problem
	return json.Marshal((*plain)(p))
}

func TestRedactErrorKeepsItsJSON(t *testing.T) {
	p := &problem{"no credit", map[string]any{"balance": 30, "api_key": "hunter2x", "note": "password=hunter2x"}}
	for _, v := range []any{p, []any{p}, map[string]error{"e": p}} {
		var b bytes.Buffer
		slog.New(New(nil)(newJSON(&b, nil))).Info("m", "err", v)
		assert.Contains(t, b.String(), `{"title":"no credit","detail":{"api_key":"[REDACTED]","balance":30,"note":"password=[REDACTED]"}}`)
		assert.NotContains(t, b.String(), "hunter2x")
	}
	assert.Equal(t, `err="problem: no credit"`, redactedText(p))
	var got []slog.Record
	slog.New(New(nil)(collect{&got})).Info("m", "err", error(p))
	got[0].Attrs(func(a slog.Attr) bool {
		err, isError := a.Value.Any().(error)
		assert.True(t, isError)
		assert.ErrorIs(t, err, p)
		return true
	})
}

// appender tells its text to those that know encoding.TextAppender, as log/slog does from Go 1.27 on.
type appender struct{ url string }

func (a appender) AppendText(b []byte) ([]byte, error) { return append(b, a.url...), nil }

func TestRedactAsksTextAppenders(t *testing.T) {
	clean, dirty := appender{"https://example.com"}, appender{"https://bob:hunter2x@example.com"}
	assert.Equal(t, "v=https://example.com", redacted(nil, func(l *slog.Logger) { l.Info("m", "v", clean) }))
	assert.Equal(t, "v=https://[REDACTED]@example.com", redacted(nil, func(l *slog.Logger) { l.Info("m", "v", &dirty) }))
	assert.Equal(t, "v=[https://[REDACTED]@example.com]", redacted(nil, func(l *slog.Logger) { l.Info("m", "v", []any{dirty}) }))
}

func redactedText(v any) string {
	return redacted(nil, func(l *slog.Logger) { l.Info("m", "err", fmt.Sprint(v)) })
}

// Raw JSON is read as far as any other value is, and what was read is whole.
func TestRedactRawJSONIsCut(t *testing.T) {
	for _, doc := range []string{
		"[" + strings.Repeat(`{"a":1},`, 300_000) + "1]",
		`{"x":{"list":[` + strings.Repeat(`1,`, 1_000_000) + `"password=hunter2x"]}}`,
		"[" + strings.Repeat(`{"password":"hunter2x"},`, 100_000) + "1]",
	} {
		var b bytes.Buffer
		var stats Stats
		require.NoError(t, New(&Options{Stats: &stats})(newJSON(&b, nil)).Handle(ctx, record(slog.Any("v", json.RawMessage(doc)))))
		assert.True(t, json.Valid(b.Bytes()))
		assert.Less(t, b.Len(), len(doc)/2)
		assert.Positive(t, stats.Cut())
		assert.NotContains(t, b.String(), "hunter2x")
	}
}

// Names that may mean other things are judged by their values, in attributes as in everything below them.
func TestRedactJudgesValues(t *testing.T) {
	const random = "Tr0Xk9qLm2VbW8zP4nYd"
	for want, v := range map[string][2]string{
		"[REDACTED]": {random, "stripe_key"}, "/home/x": {"/home/x", "pwd"}, "user:42": {"user:42", "stripe_key"}, "valid": {"valid", "signature"},
	} {
		type named struct{ Pwd string }
		assert.Equal(t, v[1]+"="+want, redacted(nil, func(l *slog.Logger) { l.Info("m", v[1], v[0]) }))
		assert.Equal(t, "x=map["+v[1]+":"+want+"]", redacted(nil, func(l *slog.Logger) { l.Info("m", "x", map[string]any{v[1]: v[0]}) }))
		doc, err := json.Marshal(map[string]string{v[1]: v[0]})
		require.NoError(t, err)
		assert.Contains(t, redacted(nil, func(l *slog.Logger) { l.Info("m", "x", json.RawMessage(doc)) }), want)
		assert.Contains(t, redacted(nil, func(l *slog.Logger) { l.Info("m", "x", named{"/home/x"}) }), "/home/x")
	}
	assert.Equal(t, "key=[REDACTED] stripe_key="+random, redacted(&Options{Keys: []string{"key"}, Allow: []string{"stripe_key"}},
		func(l *slog.Logger) { l.Info("m", "key", 1, "stripe_key", random) }))
	assert.Equal(t, "pwd=[REDACTED]", redacted(&Options{Keys: []string{"pwd"}}, func(l *slog.Logger) { l.Info("m", "pwd", "/home/x") }), "who names it means it")
}

// Whoever asks gets what the next handler would answer.
func TestRedactForwardsRetaining(t *testing.T) {
	var b bytes.Buffer
	assert.False(t, slogtel.RetainsRecords(New(nil)(slog.NewJSONHandler(&b, nil))))
	assert.True(t, slogtel.RetainsRecords(New(nil)(collect{})))
	assert.ErrorIs(t, New(nil)(flusher{collect{}}).(interface{ Flush(context.Context) error }).Flush(ctx), errFlushed)
}

var errFlushed = errors.New("flushed")

type flusher struct{ collect }

func (flusher) Flush(context.Context) error { return errFlushed }
