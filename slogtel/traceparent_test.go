package slogtel_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

type foreignKey struct{}

// foreignSpan puts a span of another tracing system into ctx.
func foreignSpan(ctx context.Context, trace, span string) context.Context {
	return context.WithValue(ctx, foreignKey{}, [2]string{trace, span})
}

func foreignIDs(ctx context.Context) (string, string) {
	ids, _ := ctx.Value(foreignKey{}).([2]string)
	return ids[0], ids[1]
}

var (
	otherTrace = strings.Repeat("ab", 16)
	otherSpan  = strings.Repeat("cd", 8)
	innerSpan  = strings.Repeat("ef", 8)
)

func TestTraceParent(t *testing.T) {
	tel, c, _ := setup(slogtel.Options{TraceIDs: true, TraceParent: foreignIDs})
	ctx := foreignSpan(t.Context(), otherTrace, otherSpan)
	tel.Count(ctx, "outside", 1)
	outer, span := tel.Start(ctx, "outer")
	inner, inSpan := tel.Start(outer, "inner")
	again, againSpan := tel.Start(foreignSpan(inner, otherTrace, innerSpan), "again")
	tel.Count(again, "deep", 1)
	againSpan.End()
	tel.Timing(foreignSpan(inner, otherTrace, innerSpan), "measured", 1)
	inSpan.End()
	span.End()

	ids := map[string][3]string{}
	for _, r := range c.all() {
		tm, timing := slogtel.DecodeTiming(r)
		m, _ := slogtel.DecodeMetric(r)
		if timing {
			ids[tm.Scope] = [3]string{tm.TraceID, tm.SpanID, tm.ParentSpanID}
		} else {
			ids[m.Scope] = [3]string{m.TraceID, m.SpanID}
		}
	}
	require.Len(t, ids, 6)
	for path, id := range ids {
		assert.Equal(t, otherTrace, id[0], path)
	}
	assert.Equal(t, otherSpan, ids["outside"][1], "a metric outside of any scope")
	assert.Equal(t, otherSpan, ids["outer"][2])
	assert.Equal(t, ids["outer"][1], ids["outer.inner"][2], "the foreign span is around both")
	assert.Equal(t, innerSpan, ids["outer.inner.again"][2], "a foreign span between two scopes")
	assert.Equal(t, ids["outer.inner.again"][1], ids["outer.inner.again.deep"][1])
	assert.Equal(t, innerSpan, ids["outer.inner.measured"][2])
}

func TestTraceParentAndForeignScope(t *testing.T) {
	tel, c, _ := setup(slogtel.Options{TraceIDs: true, TraceParent: foreignIDs})
	ctx := scope.NewContext(t.Context(), scope.Info{Path: "caller", TraceID: strings.Repeat("1", 32), SpanID: strings.Repeat("2", 16)})
	_, span := tel.Start(foreignSpan(ctx, otherTrace, otherSpan), "work")
	span.End()
	tm, ok := slogtel.DecodeTiming(c.all()[0])
	require.True(t, ok)
	assert.Equal(t, "caller.work", tm.Scope)
	assert.Equal(t, otherTrace, tm.TraceID)
	assert.Equal(t, otherSpan, tm.ParentSpanID)
}

func TestTraceParentThatIsNone(t *testing.T) {
	for name, ids := range map[string][2]string{
		"none": {}, "no span": {otherTrace, ""}, "no trace": {"", otherSpan},
		"upper case": {strings.ToUpper(otherTrace), otherSpan}, "zero": {strings.Repeat("0", 32), otherSpan},
	} {
		tel, c, _ := setup(slogtel.Options{TraceIDs: true, TraceParent: foreignIDs})
		ctx, span := tel.Start(foreignSpan(t.Context(), ids[0], ids[1]), "work")
		tel.Count(ctx, "n", 1)
		span.End()
		tm, ok := slogtel.DecodeTiming(c.all()[1])
		require.True(t, ok, name)
		assert.Len(t, tm.TraceID, 32, name)
		assert.NotEqual(t, otherTrace, tm.TraceID, name)
		assert.Empty(t, tm.ParentSpanID, name)
	}

	tel, c, _ := setup(slogtel.Options{TraceParent: func(context.Context) (string, string) {
		t.Error("called though TraceIDs is off")
		return otherTrace, otherSpan
	}})
	tel.Count(t.Context(), "n", 1)
	assert.NotContains(t, keysOf(c.attrs(t)), slogtel.KeyTraceID)
}

func TestTraceParentPanics(t *testing.T) {
	tel, c, e := setup(slogtel.Options{TraceIDs: true, TraceParent: func(context.Context) (string, string) { panic("boom") }})
	_, span := tel.Start(t.Context(), "work")
	span.End()
	require.Len(t, c.all(), 1)
	tm, ok := slogtel.DecodeTiming(c.all()[0])
	require.True(t, ok)
	assert.Len(t, tm.TraceID, 32)
	require.Len(t, e.all(), 1)
	assert.ErrorContains(t, e.all()[0], "Options.TraceParent")
	assert.ErrorContains(t, e.all()[0], "boom")
}
