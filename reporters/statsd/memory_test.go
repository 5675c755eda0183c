package statsd

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/slogattrs"
)

// Events of most series are remembered, however many there come to be, by a handler that has few slots as long as
// it has few series.
func TestMemoryGrowsWithSeries(t *testing.T) {
	if !slogattrs.Known() {
		t.Skip("nothing is remembered")
	}
	var n network
	h := open(t, &n, "127.0.0.1:8125", &Options{MaxSeries: 4000})
	var last slog.Record
	tel := telemetry(capture{&last})
	count := func(scopes int) (known int) {
		for i := range scopes {
			tel.Count(context.Background(), fmt.Sprint("c", i), 1)
			if h.client.addAgain(&last, &h.base) {
				known++
			} else {
				handle(t, h, last)
			}
		}
		return known
	}
	for _, scopes := range []int{1, fewSeries, fewSeries + 1, 25 * fewSeries} {
		count(scopes)
		enough := h.client.forms.Load().series
		assert.GreaterOrEqual(t, enough, int64(scopes))
		assert.Less(t, enough, int64(max(fewSeries+1, 4*scopes)))
		count(scopes) // what was forgotten when the memory grew
		assert.Greater(t, count(scopes), scopes*3/4-1, "of %d", scopes)
	}
}
