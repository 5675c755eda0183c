package slogtel_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

// headers are those of a message of a queue.
type headers map[string]string

func (h headers) set(key, value string) { h[key] = value }
func (h headers) get(key string) string { return h[key] }
func (headers) broken(string) string    { return "00-junk" }
func timingsByScope(t *testing.T, c *collector) map[string]slogtel.Timing {
	t.Helper()
	all := make(map[string]slogtel.Timing)
	for _, tm := range timings(t, c) {
		all[tm.Scope] = tm
	}
	return all
}

func TestMessageCarriesTheTrace(t *testing.T) {
	sender, sent, _ := setup(slogtel.Options{TraceIDs: true})
	ctx, span := sender.Start(t.Context(), "request")
	message := headers{}
	slogtel.Inject(ctx, message.set)
	span.End()
	require.Len(t, message, 1, "a trace that began here has no tracestate")

	worker, worked, _ := setup(slogtel.Options{TraceIDs: true})
	ctx, loop := worker.Start(t.Context(), "worker")
	ctx, job := worker.Start(slogtel.Extract(ctx, message.get), "job")
	onward := headers{}
	slogtel.Inject(ctx, onward.set)
	job.End()
	loop.End()

	request, done := timingsByScope(t, sent)["request"], timingsByScope(t, worked)
	assert.Equal(t, "00-"+request.TraceID+"-"+request.SpanID+"-01", message["traceparent"])
	assert.Equal(t, request.TraceID, done["worker.job"].TraceID)
	assert.Equal(t, request.SpanID, done["worker.job"].ParentSpanID)
	assert.NotEqual(t, request.TraceID, done["worker"].TraceID, "the loop is in a trace of its own")
	assert.Equal(t, "00-"+request.TraceID+"-"+done["worker.job"].SpanID+"-01", onward["traceparent"])
}

func TestMessageKeepsStateAndFlags(t *testing.T) {
	parent := "00-" + otherTrace + "-" + otherSpan + "-00"
	message := headers{"traceparent": parent, "tracestate": "a=1,b=2"}
	ids, _, _ := setup(slogtel.Options{TraceIDs: true})
	none, _, _ := setup(slogtel.Options{})
	for name, tel := range map[string]*slogtel.Telemetry{"ids": ids, "none": none, "off": nil} {
		ctx, span := tel.Start(slogtel.Extract(t.Context(), message.get), "job")
		onward := headers{}
		slogtel.Inject(ctx, onward.set)
		span.End()
		assert.Equal(t, "a=1,b=2", onward["tracestate"], name)
		assert.Equal(t, parent[:36], onward["traceparent"][:36], name)
		assert.Equal(t, "-00", onward["traceparent"][52:], name)
		assert.Equal(t, name == "ids", onward["traceparent"] != parent, name)
	}
}

func TestMessageWithoutTrace(t *testing.T) {
	for _, h := range []headers{nil, {}, {"tracestate": "a=1"}, {"traceparent": "junk"}, {"traceparent": strings.ToUpper("00-" + otherTrace + "-" + otherSpan + "-01")}} {
		assert.Equal(t, t.Context(), slogtel.Extract(t.Context(), h.get))
	}
	assert.Equal(t, t.Context(), slogtel.Extract(t.Context(), headers{}.broken))
	assert.Equal(t, t.Context(), slogtel.Extract(t.Context(), nil))
	var none context.Context
	assert.Equal(t, context.Background(), slogtel.Extract(none, nil))
	set := func(key, value string) { t.Errorf("%s is set to %s", key, value) }
	slogtel.Inject(none, set)
	slogtel.Inject(t.Context(), set)
	slogtel.Inject(scope.NewContext(t.Context(), scope.Info{TraceID: "x\r\ny", SpanID: otherSpan}), set)
	slogtel.Inject(t.Context(), nil)
}

func TestLinks(t *testing.T) {
	tel, c, _ := setup(slogtel.Options{TraceIDs: true})
	from := func(span string) context.Context {
		return slogtel.Extract(t.Context(), headers{"traceparent": "00-" + otherTrace + "-" + span + "-01"}.get)
	}
	var none context.Context
	_, span := tel.Start(t.Context(), "batch", slogtel.Links(from(otherSpan), t.Context(), none, from(innerSpan), from(otherSpan)))
	span.End()
	_, span = tel.Start(t.Context(), "alone", slogtel.Links())
	span.End()
	done := timingsByScope(t, c)
	assert.Equal(t, []slog.Attr{slog.String(slogtel.KeyLinks, otherTrace+"-"+otherSpan+" "+otherTrace+"-"+innerSpan)}, done["batch"].Attrs)
	assert.NotEqual(t, otherTrace, done["batch"].TraceID)
	assert.Empty(t, done["alone"].Attrs)

	many := make([]context.Context, 200)
	for i := range many {
		many[i] = from(fmt.Sprintf("%016x", i+1))
	}
	assert.Len(t, strings.Fields(slogtel.Links(many...).Value.String()), 128)
}
