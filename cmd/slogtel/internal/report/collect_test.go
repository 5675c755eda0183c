package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/tree"
	"github.com/slogtel/telemetry/slogtel"
)

// What is beyond the limits is in (other), and what has a line of its own is all there, whichever readers saw it.
func TestOverflowOfSeveralReaders(t *testing.T) {
	names := []string{"a", "b", "c", "d", "e"}
	backwards := slices.Clone(names)
	slices.Reverse(backwards)
	meters, shared := tree.NewMeters(), newRoom(5, 1)
	all := []*collector{newCollector(meters.New(), "id", shared), newCollector(meters.New(), "id", shared)}
	for i, names := range [][]string{names, backwards} {
		for _, name := range names {
			for _, id := range names {
				all[i].Event(&events.Event{
					Kind: events.Timing, Type: slogtel.TypeTiming, Scope: name, SampleRate: 1, Duration: 1,
					Attrs: []events.Attr{{Key: "id", Value: id}},
				})
			}
		}
	}
	meters.Finish()
	all[0].merge(all[1])
	whole, groups, rest := 0, 0, int64(0)
	for k, s := range all[0].series.All {
		if k.scope == overflowName {
			rest += s.Events
			continue
		}
		whole++
		assert.EqualValues(t, 10, s.Events, k.scope)
		for id, g := range s.by.All {
			if id != overflowName {
				groups++
				assert.EqualValues(t, 2, g.Events, "%s, %s", k.scope, id)
			}
		}
	}
	assert.Positive(t, whole)
	assert.Positive(t, groups)
	assert.Equal(t, 5, whole+groups)
	assert.EqualValues(t, 50, rest+int64(10*whole))
	assert.Equal(t, rest, all[0].lost)
}

// Which scopes have lines of their own does not depend on which worker is faster: they are the first of the input.
func TestTheFirstScopesAreTold(t *testing.T) {
	const limit = 40
	var input strings.Builder
	write := func(scope string, n int) {
		fmt.Fprintf(&input, `{"time":"2026-01-31T12:00:00Z","level":"INFO","msg":"telemetry.timing","scope":"%s%d","depth":0,"parent_scope":"","metric_type":"timing","call_count":1,"duration_s":1}`+"\n", scope, n)
	}
	for input.Len() < 250<<10 { // nearly all that a worker gets at once
		write("a", 0)
	}
	for i := range limit {
		write("a", i)
	}
	for i := range 10_000 { // what the next one gets
		write("b", i)
	}
	for range 20 {
		for _, s := range report(t, input.String(), "--max-series", fmt.Sprint(limit)).Scopes {
			assert.NotContains(t, s.Scope, "b")
		}
	}
}

func TestLimitsAreChecked(t *testing.T) {
	for _, flag := range []string{"--max-series", "--max-groups", "--max-line"} {
		_, _, err := runCommand(t, "", flag, "0")
		assert.ErrorContains(t, err, flag+" 0: expected 1 or more")
	}
}
