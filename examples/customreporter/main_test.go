package main

import (
	"context"
	"encoding/csv"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/examples/internal/runmain"
	"github.com/slogtel/telemetry/slogtel"
)

func TestMain(m *testing.M) { runmain.Main(m, main) }

func TestTable(t *testing.T) {
	stdout, stderr, code := runmain.Run(t, t.TempDir())
	require.Zero(t, code, stderr)
	rows, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 1+3*2+1)
	assert.Equal(t, []string{"time", "kind", "scope", "value", "error"}, rows[0])
	last := rows[len(rows)-1]
	assert.Equal(t, []string{"timing", "sort"}, last[1:3])
	seconds, err := strconv.ParseFloat(last[3], 64)
	require.NoError(t, err)
	assert.Positive(t, seconds)
}

func TestConcurrentEventsMakeWholeRows(t *testing.T) {
	var out strings.Builder
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, slogtel.NewHandler(newCSVReporter(&out)))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				_, span := tel.Start(t.Context(), "work")
				span.Fail(errors.New("a \"quoted\",\nlong error"))
				span.End()
			}
		})
	}
	wg.Wait()
	rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	require.NoError(t, err)
	assert.Len(t, rows, 401)
}

func TestFailedWriteReachesOnError(t *testing.T) {
	var got []error
	tel := slogtel.New(&slogtel.Options{
		Mode:    slogtel.On,
		OnError: func(_ context.Context, err error) { got = append(got, err) },
	}, slogtel.NewHandler(newCSVReporter(brokenWriter{})))
	tel.Count(t.Context(), "calls", 1)
	require.Len(t, got, 1)
	assert.ErrorIs(t, got[0], errBroken)
}

var errBroken = errors.New("broken")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }
