package slogtel_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

type ctxKey struct{}

func TestRename(t *testing.T) {
	for name, opts := range map[string]slogtel.Options{
		"plain": {}, "ids": {TraceIDs: true}, "profile": {TraceIDs: true, Profile: true},
	} {
		t.Run(name, func(t *testing.T) {
			rec := slogteltest.NewRecorder(t)
			opts.Mode, opts.OnError = slogtel.On, rec.OnError
			tel := slogtel.New(&opts, rec)
			outer, around := tel.Start(t.Context(), "outer")
			old, span := tel.Start(outer, "request")
			_, early := tel.Start(old, "early")

			in := span.Rename(context.WithValue(old, ctxKey{}, "kept"), "users.id")
			assert.Equal(t, "kept", in.Value(ctxKey{}))
			assert.Same(t, tel, slogtel.FromContext(in))
			before, _ := scope.FromContext(old)
			after, _ := scope.FromContext(in)
			assert.Equal(t, scope.Info{Path: "outer.users.id", Parent: "outer", Depth: 1, TraceID: before.TraceID, SpanID: before.SpanID}, after)

			deeper, child := tel.Start(in, "child")
			assert.Equal(t, deeper, span.Rename(deeper, "users.id"), "another scope")
			tel.Count(in, "rows", 1)
			child.End()
			early.End()
			assert.Equal(t, in, span.Rename(in, "users.id"), "nothing to do")
			again := span.Rename(in, "users.all")
			_, last := tel.Start(again, "last")
			last.End()
			span.Fail(errors.New("boom"))
			span.End()
			assert.Equal(t, old, span.Rename(old, "late"), "it has ended")
			around.End()

			assert.ElementsMatch(t, []string{
				"outer", "outer.users.all", "outer.users.all.last", "outer.users.id.child", "outer.request.early",
			}, rec.Scopes())
			assert.Len(t, rec.Metrics("outer.users.id.rows"), 1)
			got := rec.Timings("outer.users.all")
			require.Len(t, got, 1)
			assert.Equal(t, "boom", got[0].Error)
			assert.Equal(t, "outer", got[0].ParentScope)
			assert.EqualValues(t, 1, got[0].CallCount)
			for _, path := range []string{"outer.users.id.child", "outer.users.all.last", "outer.request.early"} {
				assert.Equal(t, before.SpanID, rec.Timings(path)[0].ParentSpanID, path)
			}
			rec.CheckNoOpenScopes(t)
		})
	}
}

func TestRenameOfNothing(t *testing.T) {
	var span *slogtel.Span
	assert.Equal(t, t.Context(), span.Rename(t.Context(), "x"))
	tel, rec := slogteltest.New(t)
	_, span = tel.Start(t.Context(), "a")
	//lint:ignore SA1012 a nil context is what is tested
	assert.Nil(t, span.Rename(nil, "x"))
	assert.Equal(t, t.Context(), span.Rename(t.Context(), "b")) // ctx is in no scope: the event alone is renamed
	span.End()
	assert.Equal(t, []string{"b"}, rec.Scopes())
}

// Two scopes, one of which takes the name that the other has.
func TestRenameIsConcurrent(t *testing.T) {
	tel, rec := slogteltest.New(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			ctx, span := tel.Start(t.Context(), "request")
			var inner sync.WaitGroup
			for _, name := range []string{"one", "two"} {
				inner.Go(func() {
					_, child := tel.Start(span.Rename(ctx, name), "child")
					child.End()
				})
			}
			inner.Wait()
			if i%2 == 0 {
				span.Rename(ctx, "one")
			}
			span.End()
		})
	}
	wg.Wait()
	assert.Empty(t, rec.Timings("request"))
	assert.Len(t, rec.Timings("one.child"), 8)
	assert.Len(t, rec.Timings("two.child"), 8)
	assert.Equal(t, 8, len(rec.Timings("one"))+len(rec.Timings("two")))
	rec.CheckNoOpenScopes(t)
}

func TestReportSetup(t *testing.T) {
	var got []error
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: func(_ context.Context, err error) { got = append(got, err) }},
		slogteltest.NewRecorder(t))
	boom := errors.New("no route")
	tel.ReportSetup(boom)
	tel.ReportSetup(nil)
	slogtel.Disabled().ReportSetup(boom)
	(*slogtel.Telemetry)(nil).ReportSetup(boom)
	assert.Equal(t, []error{&slogtel.SetupError{Err: boom}}, got)
	assert.ErrorIs(t, got[0], boom)

	rec := slogteltest.NewRecorder(t)
	slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: rec.OnError}, rec).ReportSetup(boom)
	assert.Len(t, rec.Errors(), 1, "which does not fail this test")
	assert.Zero(t, tel.Stats().EventErrors, "no event is wrong")
}
