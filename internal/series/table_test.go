package series

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/event"
)

func newTable(limit int) *Table[int] {
	t := new(Table[int])
	t.Init(limit, MinSlots)
	return t
}

// An ID only says where to look: whatever it is, a key finds its own entry.
func TestIDsAreHints(t *testing.T) {
	const n = 500
	table := newTable(n)
	keys := make([]Key, n)
	entries := make([]*Entry[int], n)
	for i := range n {
		keys[i] = Key{Path: fmt.Sprint("s", i), Type: event.TypeTiming}
		entries[i] = table.Get(&keys[i], nil, uint32(i+1))
		require.NotNil(t, entries[i])
	}
	for _, id := range []func(i int) uint32{
		func(i int) uint32 { return uint32(i + 1) },
		func(int) uint32 { return 7 },                       // that of another series
		func(int) uint32 { return 0 },                       // none
		func(i int) uint32 { return uint32(i) << 20 },       // all share a place
		func(i int) uint32 { return uint32(1<<32 - 1 - i) }, // far away
	} {
		for range 2 {
			for i := range n {
				require.Same(t, entries[i], table.Get(&keys[i], nil, id(i)))
			}
		}
	}
	assert.Len(t, table.List(), n)
	assert.Nil(t, table.Get(&Key{Path: "new", Type: event.TypeTiming}, nil, 1), "the table is full")
	table.Close()
	assert.Nil(t, table.Get(&Key{Path: "new", Type: event.TypeTiming}, nil, 2))
}

// Type, parent, view and dims tell series apart that have one ID.
func TestOneIDManySeries(t *testing.T) {
	table := newTable(100)
	one, two := NewView(nil), NewView(nil)
	seen := map[*Entry[int]]bool{}
	get := func() {
		for _, view := range []*View{nil, one, two} {
			for _, typ := range []event.MetricType{event.TypeCounter, event.TypeGauge} {
				for _, parent := range []string{"", "a"} {
					for _, dims := range []string{"", "x", "y"} {
						e := table.Get(&Key{Path: "a.b", Parent: parent, Type: typ, View: view}, []byte(dims), 3)
						require.NotNil(t, e)
						assert.Equal(t, Key{Path: "a.b", Parent: parent, Type: typ, View: view, Dims: dims}, e.Key)
						seen[e] = true
					}
				}
			}
		}
	}
	get()
	get()
	assert.Len(t, seen, 3*2*2*3)
	assert.Len(t, table.List(), 3*2*2*3)
}

func TestGetAllocatesNothing(t *testing.T) {
	table := newTable(10)
	view := NewView(nil)
	keys := []Key{{Path: "a", View: view}, {Path: "b", View: view}}
	table.Get(&keys[0], nil, 1)
	table.Get(&keys[1], nil, 1)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		for i := range keys { // both have one place
			table.Get(&keys[i], nil, 1)
		}
	}))
}
