package report

import (
	"slices"
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
	for k, s := range all[0].all {
		if k.scope == overflowName {
			rest += s.Events
			continue
		}
		whole++
		assert.EqualValues(t, 10, s.Events, k.scope)
		for id, g := range s.by {
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

func TestLimitsAreChecked(t *testing.T) {
	for _, flag := range []string{"--max-series", "--max-groups", "--max-line"} {
		_, _, err := runCommand(t, "", flag, "0")
		assert.ErrorContains(t, err, flag+" 0: expected 1 or more")
	}
}
