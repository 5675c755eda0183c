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
	const limit, many = 40, 4000
	var input strings.Builder
	for i := range many { // each scope a few hundred lines after the one before, and then all of them again
		for _, scope := range []int{i / 100, i} {
			fmt.Fprintf(&input, `{"time":"2026-01-31T12:00:00Z","level":"INFO","msg":"telemetry.timing","scope":"s%d","depth":0,"parent_scope":"","metric_type":"timing","call_count":1,"duration_s":1,"id":"%d","long":"%s"}`+"\n",
				scope, scope, strings.Repeat("x", 300))
		}
	}
	var first []string
	for i := 0; len(first) < limit; i++ { // as they come
		for _, scope := range []int{i / 100, i} {
			if name := fmt.Sprint("s", scope); !slices.Contains(first, name) {
				first = append(first, name)
			}
		}
	}
	slices.Sort(first)
	for range 5 {
		var names []string
		for _, s := range report(t, input.String(), "--max-series", fmt.Sprint(limit)).Scopes {
			if s.Scope != overflowName {
				names = append(names, s.Scope)
			}
		}
		slices.Sort(names)
		assert.Equal(t, first, names)
	}
}

func TestLimitsAreChecked(t *testing.T) {
	for _, flag := range []string{"--max-series", "--max-groups", "--max-line"} {
		_, _, err := runCommand(t, "", flag, "0")
		assert.ErrorContains(t, err, flag+" 0: expected 1 or more")
	}
}
