package slogtel_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

func TestRoot(t *testing.T) {
	rec := slogteltest.NewRecorder(t)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, rec)
	outer, root := tel.Start(context.Background(), "request")
	inner, span := tel.Start(outer, "db")
	deep, last := tel.Start(context.WithoutCancel(inner), "query")
	assert.Same(t, root, slogtel.Root(outer))
	assert.Same(t, root, slogtel.Root(inner))
	assert.Same(t, root, slogtel.Root(deep))
	slogtel.Root(deep).SetAttrs(slog.String("customer", "c1"))
	last.End()
	span.End()
	root.End()
	slogtel.Root(deep).SetAttrs(slog.String("late", "x")) // has ended
	assert.Equal(t, []slog.Attr{slog.String("customer", "c1")}, rec.Timings("request")[0].Attrs)
	assert.Same(t, tel, slogtel.FromContext(deep))
}

func TestRootOfOthers(t *testing.T) {
	assert.Nil(t, slogtel.Root(context.Context(nil)))
	assert.Nil(t, slogtel.Root(context.Background()))
	elsewhere := scope.NewContext(context.Background(), scope.Info{Path: "job"})
	assert.Nil(t, slogtel.Root(elsewhere))
	a := slogtel.New(&slogtel.Options{Mode: slogtel.On}, slogteltest.NewRecorder(t))
	b := slogtel.New(&slogtel.Options{Mode: slogtel.On}, slogteltest.NewRecorder(t))
	ctx, ofA := a.Start(elsewhere, "a")
	inB, ofB := b.Start(ctx, "b")
	assert.Same(t, ofA, slogtel.Root(ctx))
	assert.Same(t, ofB, slogtel.Root(inB), "the outermost of its own Telemetry")
	slogtel.Root(context.Context(nil)).SetAttrs(slog.Int("a", 1))
}
