package diff

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
)

// On a narrow terminal columns go, and names are cut.
func TestNarrow(t *testing.T) {
	l := new(lines)
	for range 20 {
		l.timing("a."+strings.Repeat("long.", 20)+"scope", time.Second, "")
		l.metric(strings.Repeat("m", 100), "counter", 3)
	}
	r := newRun(9)
	_, err := events.ReadInOrder(t.Context(), events.Options{Inputs: []string{file(t, l)}}, r)
	require.NoError(t, err)
	c := compare(sideOf(r), sideOf(r), settings{alpha: 0.05, minCalls: 2, correction: holmName})
	var out strings.Builder
	require.NoError(t, c.writeTables(&out, 0, 80))
	for line := range strings.Lines(out.String()[:strings.Index(out.String(), "\ncalls compared")]) {
		assert.LessOrEqual(t, utf8.RuneCountInString(line)-1, 80, line)
	}
	assert.Contains(t, out.String(), "…")
	var narrow strings.Builder
	require.NoError(t, c.writeTables(&narrow, 0, 50))
	assert.Contains(t, narrow.String(), "left out, for a terminal of 50 columns: P95, 95% CI")
}
