package collect

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A name that one reader was told has space must have it in all, or what is kept of it is a part.
func TestRoom(t *testing.T) {
	const names, limit, readers = 100, 7, 8
	room := NewRoom[int](limit, nil)
	answers := make([][names]bool, readers)
	var wg sync.WaitGroup
	for r := range readers {
		wg.Go(func() {
			for _, name := range rand.Perm(names) {
				answers[r][name] = room.Admit(name)
			}
		})
	}
	wg.Wait()
	in := 0
	for name := range names {
		own := room.Admit(name)
		if own {
			in++
		}
		for r := range readers {
			assert.Equal(t, own, answers[r][name], "name %d, reader %d", name, r)
		}
	}
	assert.Equal(t, limit, in)

	assert.True(t, NewRoom[string](-1, nil).Admit("a"), "there is space for one at least")
	kept := NewRoom(1, func(string) string { return "copy" })
	assert.True(t, kept.Admit("a"))
	assert.True(t, kept.Admit("copy"), "the copy is what is kept")
}
