package slogtel_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

var variables = []string{
	"SLOGTEL_TELEMETRY", "GEMINI_BATCH_TELEMETRY", "DEBUG",
	"SLOGTEL_TELEMETRY_STRICT_SCOPES", "GEMINI_BATCH_TELEMETRY_STRICT_SCOPES",
}

func clearEnv(t *testing.T) {
	for _, v := range variables {
		t.Setenv(v, "")
	}
}

func TestEnvironmentDecidesAtNew(t *testing.T) {
	for _, variable := range variables[:3] {
		for value, want := range map[string]bool{"1": true, "true": true, "TRUE": true, "On": true, "YES": true, "0": false, "false": false, "off": false, "No": false, "": false} {
			clearEnv(t)
			t.Setenv(variable, value)
			tel := slogtel.New(nil, discard{})
			assert.Equal(t, want, tel.Enabled(), "%s=%s", variable, value)
			assert.Equal(t, want, tel != slogtel.Disabled())
			assert.True(t, slogtel.New(&slogtel.Options{Mode: slogtel.On}, discard{}).Enabled())
			assert.False(t, slogtel.New(&slogtel.Options{Mode: slogtel.Off}, discard{}).Enabled())

			t.Setenv(variable, "1")
			assert.Equal(t, want, tel.Enabled(), "once, at New")
		}
	}
	clearEnv(t)
	assert.Same(t, slogtel.Disabled(), slogtel.New(nil, discard{}))
	assert.Same(t, slogtel.Disabled(), slogtel.New(&slogtel.Options{Mode: slogtel.On}))
	assert.Same(t, slogtel.Disabled(), slogtel.New(&slogtel.Options{Mode: slogtel.On}, nil, nil))
}

// The first variable that is set decides; DEBUG can only turn telemetry on.
func TestFirstVariableDecides(t *testing.T) {
	for _, tc := range []struct {
		own, other, debug string
		want              bool
		bad               string
	}{
		{own: "0", debug: "1"},
		{own: "off", other: "1", debug: "1"},
		{other: "no", debug: "true"},
		{own: "on", other: "0", want: true},
		{debug: "0"},
		{own: "enabled", debug: "1", want: true, bad: "SLOGTEL_TELEMETRY"},
		{other: "2", bad: "GEMINI_BATCH_TELEMETRY"},
		{debug: "app:*", bad: "DEBUG"},
	} {
		clearEnv(t)
		t.Setenv("SLOGTEL_TELEMETRY", tc.own)
		t.Setenv("GEMINI_BATCH_TELEMETRY", tc.other)
		t.Setenv("DEBUG", tc.debug)
		e := new(errorsSeen)
		tel := slogtel.New(&slogtel.Options{OnError: e.add}, discard{})
		assert.Equal(t, tc.want, tel.Enabled(), "%+v", tc)
		assert.Zero(t, tel.Stats().EventErrors)
		if tc.bad == "" {
			assert.Empty(t, e.all(), "%+v", tc)
			continue
		}
		require.Len(t, e.all(), 1, "%+v", tc)
		assert.ErrorContains(t, e.all()[0], tc.bad+"=")
	}
	clearEnv(t)
	t.Setenv("SLOGTEL_TELEMETRY_STRICT_SCOPES", "perhaps")
	e := new(errorsSeen)
	slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: e.add}, discard{})
	require.Len(t, e.all(), 1)
	assert.ErrorContains(t, e.all()[0], "SLOGTEL_TELEMETRY_STRICT_SCOPES=")
}

func TestEnvironmentStrict(t *testing.T) {
	for _, variable := range variables[3:] {
		clearEnv(t)
		t.Setenv(variable, "true")
		tel, c, e := setup(slogtel.Options{})
		tel.Count(t.Context(), "Not Valid", 1)
		assert.Equal(t, "not_valid", valueOf(t, c.attrs(t), "scope").String())
		assert.Len(t, e.all(), 1)
	}
}

func TestOptionsAreCopied(t *testing.T) {
	c := new(collector)
	opts := &slogtel.Options{Mode: slogtel.On}
	tel := slogtel.New(opts, c)
	opts.Mode, opts.Level = slogtel.Off, slog.LevelError
	tel.Count(t.Context(), "a", 1)
	require.Len(t, c.all(), 1)
	assert.Equal(t, slog.LevelInfo, c.all()[0].Level)
}

// everything calls each method once.
func everything(t *testing.T, tel *slogtel.Telemetry, ctx context.Context) context.Context {
	in, span := tel.Start(ctx, "a", slog.Int("n", 1))
	span.SetAttrs(slog.Int("n", 2))
	span.Fail(context.Canceled)
	assert.ErrorIs(t, tel.Time(ctx, "t", func(context.Context) error { return context.Canceled }), context.Canceled)
	tel.Timing(in, "b", time.Second)
	tel.Count(in, "c", 1)
	tel.Gauge(in, "g", 1)
	tel.Histogram(in, "h", 1)
	tel.Metric(in, "m", "v")
	span.End()
	return in
}

func TestOffIsANoOp(t *testing.T) {
	var none *slogtel.Telemetry
	for _, tel := range []*slogtel.Telemetry{none, slogtel.Disabled(), new(slogtel.Telemetry)} {
		ctx := t.Context()
		assert.False(t, tel.Enabled())
		assert.Equal(t, ctx, everything(t, tel, ctx), "the context is not wrapped")
		assert.Nil(t, everything(t, tel, nil))
		assert.NoError(t, tel.Flush(ctx))
		assert.NoError(t, tel.Shutdown(ctx))
		assert.Empty(t, tel.Stats())
	}
	_, span := none.Start(t.Context(), "a")
	assert.Nil(t, span)
}

func TestAfterShutdownIsANoOp(t *testing.T) {
	tel, c, _ := setup(slogtel.Options{})
	in, open := tel.Start(t.Context(), "open")
	require.NoError(t, tel.Shutdown(t.Context()))
	require.NoError(t, tel.Shutdown(t.Context()))
	assert.False(t, tel.Enabled())
	open.End()
	assert.Equal(t, in, everything(t, tel, in))
	assert.NoError(t, tel.Flush(in))
	assert.Empty(t, c.all())
}

func TestNilContext(t *testing.T) {
	tel, c, _ := setup(slogtel.Options{TraceIDs: true, Profile: true})
	in := everything(t, tel, nil)
	info, ok := scope.FromContext(in)
	assert.True(t, ok)
	assert.Equal(t, "a", info.Path)
	assert.Len(t, c.all(), 7)
	var none context.Context
	tel.Count(none, "n", 1)
	tel.Timing(none, "t", 1)
	assert.Len(t, c.all(), 9)
}
