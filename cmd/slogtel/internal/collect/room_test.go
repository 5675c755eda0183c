package collect

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
)

// A name that one reader was told has space must have it in all, or what is kept of it is a part.
func TestRoom(t *testing.T) {
	const names, limit, readers = 100, 7, 8
	room := NewRoom[int](limit)
	answers := make([][names]bool, readers)
	var wg sync.WaitGroup
	for r := range readers {
		wg.Go(func() {
			for _, name := range rand.Perm(names) {
				answers[r][name] = room.Admit(name, new(events.Turn))
			}
		})
	}
	wg.Wait()
	in := 0
	for name := range names {
		own := room.Admit(name, new(events.Turn))
		if own {
			in++
		}
		for r := range readers {
			assert.Equal(t, own, answers[r][name], "name %d, reader %d", name, r)
		}
	}
	assert.Equal(t, limit, in)
	assert.True(t, NewRoom[string](-1).Admit("a", new(events.Turn)), "there is space for one at least")
}
