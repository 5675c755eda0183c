package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/examples/internal/runmain"
	"github.com/slogtel/telemetry/reporters/live"
)

func TestMain(m *testing.M) { runmain.Main(m, main) }

func TestWrongFlags(t *testing.T) {
	for _, args := range [][]string{{"-nope"}, {"6061"}} {
		_, stderr, code := runmain.Run(t, t.TempDir(), args...)
		assert.Equal(t, 2, code)
		assert.Contains(t, stderr, "where the page is", args)
	}
}

func TestRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	in, out := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, out, "0") }()
	line := make([]byte, 200)
	n, err := in.Read(line)
	require.NoError(t, err)
	url := regexp.MustCompile(`http://127\.0\.0\.1:\d+/`).FindString(string(line[:n]))
	require.NotEmpty(t, url)
	var page live.Page
	assert.Eventually(t, func() bool {
		resp, err := http.Get(url + "?format=json")
		require.NoError(t, err)
		defer resp.Body.Close()
		page = live.Page{}
		require.NoError(t, json.NewDecoder(resp.Body).Decode(&page))
		return len(page.Slow) > 0 && len(page.Counters) >= 2 && len(page.Histograms) == 1 && page.Scopes[0].Calls > 0
	}, time.Minute, 20*time.Millisecond)
	assert.True(t, slices.ContainsFunc(page.Open, func(o *live.Open) bool { return o.Scope == "import" }))
	cancel()
	require.NoError(t, <-ended)
	assert.ErrorContains(t, run(t.Context(), io.Discard, "x"), "want a port")
}
