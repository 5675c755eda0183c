package series

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func add(to, from *int) { *to += *from; *from = 0 }

// contended returns an entry in which goroutines have met often enough for it to have parts.
func contended(table *Table[int], path string) *Entry[int] {
	e := table.Get(&Key{Path: path}, nil, nil)
	for range maxMeeting {
		e.first.mu.Lock()
		e.meet()
		e.first.mu.Unlock()
	}
	return e
}

// Whatever part an event goes to, it is counted once, before the entry is closed.
func TestPartsLoseNothing(t *testing.T) {
	const goroutines, events = 8, 1000
	e := contended(newTable(10), "a")
	require.NotNil(t, e.more.Load())
	var wg sync.WaitGroup
	refused := make([]int, goroutines)
	folded := 0
	for g := range goroutines {
		wg.Go(func() {
			place := uint64(g) * 0x9e3779b97f4a7c15
			for i := range events {
				p := e.Lock(place)
				if i%10 == 0 && p != nil {
					p.Unlock()
					p = e.LockFirst()
				}
				if p == nil {
					refused[g]++
					continue
				}
				p.Val++
				p.Unlock()
			}
		})
	}
	wg.Go(func() {
		for range 100 {
			p := e.Fold(add)
			folded = p.Val
			p.Unlock()
		}
		e.Close(add)
	})
	wg.Wait()
	sum := *e.Val()
	assert.LessOrEqual(t, folded, sum)
	for _, n := range refused {
		sum += n
	}
	assert.Equal(t, goroutines*events, sum)
	assert.Nil(t, e.Lock(1))
	assert.Nil(t, e.Lock(1<<63))
	assert.Nil(t, e.LockFirst())
}

// Places spread over the parts, and what has no place goes to the first.
func TestPlaces(t *testing.T) {
	e := contended(newTable(10), "a")
	seen := map[*Part[int]]bool{}
	for i := range 1000 {
		p := e.Lock(uint64(i) * 0x9e3779b97f4a7c15)
		seen[p] = true
		p.Unlock()
	}
	assert.Len(t, seen, partsOf)
	p := e.Lock(0)
	assert.Same(t, &e.first, p)
	p.Unlock()
}

// However many series are contended, a table has so many parts and no more.
func TestPartsAreBounded(t *testing.T) {
	const n = 1000
	table := newTable(n)
	parts := 0
	for i := range n {
		if more := contended(table, fmt.Sprint(i)).more.Load(); more != nil {
			parts += len(*more)
		}
	}
	assert.LessOrEqual(t, parts, maxParts)
	assert.Greater(t, parts, maxParts-partsOf)
}

// A goroutine alone has one part.
func TestOneGoroutineHasOnePart(t *testing.T) {
	e := newTable(10).Get(&Key{Path: "a"}, nil, nil)
	for i := range 1000 {
		e.Lock(uint64(i) << 40).Unlock()
	}
	assert.Nil(t, e.more.Load())
}
