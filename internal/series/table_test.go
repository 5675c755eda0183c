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
	t.Init(limit)
	return t
}

// An ID only says where to look: whatever it is, a key finds its own entry.
func TestIDsAreHints(t *testing.T) {
	const n = 500
	table := newTable(n)
	keys := make([]Key, n)
	entries := make([]*Entry[int], n)
	var all [3][n]*event.Series // as of three Telemetries, and more than there are places
	for i := range n {
		keys[i] = Key{Path: fmt.Sprint("s", i), Type: event.TypeTiming}
		for j := range all {
			all[j][i] = event.NewSeries(event.Series{Path: keys[i].Path, Type: event.TypeTiming})
		}
		entries[i] = table.Get(&keys[i], nil, all[0][i])
		require.NotNil(t, entries[i])
	}
	for range 2 {
		for j := range all {
			for i := range n {
				require.Same(t, entries[i], table.Get(&keys[i], nil, all[j][i]))
				require.Same(t, entries[n-1-i], table.Get(&keys[n-1-i], nil, all[j][n-1-i]))
				require.Same(t, entries[i], table.Get(&keys[i], nil, nil))
			}
		}
	}
	assert.Len(t, table.List(), n)
	other := event.NewSeries(event.Series{Path: "new", Type: event.TypeTiming})
	assert.Nil(t, table.Get(&Key{Path: "new", Type: event.TypeTiming}, nil, other), "the table is full")
	table.Close()
	assert.Nil(t, table.Get(&Key{Path: "new", Type: event.TypeTiming}, nil, other))
}

// View and dims tell series apart that have one event.Series, type and parent those with one path.
func TestOneIDManySeries(t *testing.T) {
	table := newTable(100)
	one, two := NewView(nil), NewView(nil)
	seen := map[*Entry[int]]bool{}
	series := map[string]*event.Series{}
	get := func() {
		for _, view := range []*View{nil, one, two} {
			for _, typ := range []event.MetricType{event.TypeCounter, event.TypeGauge} {
				for _, parent := range []string{"", "a"} {
					s := series[string(typ)+parent]
					if s == nil {
						s = event.NewSeries(event.Series{Path: "a.b", Parent: parent, Type: typ})
						series[string(typ)+parent] = s
					}
					for _, dims := range []string{"", "x", "y"} {
						e := table.Get(&Key{Path: "a.b", Parent: parent, Type: typ, View: view}, []byte(dims), s)
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
	series := []*event.Series{event.NewSeries(event.Series{Path: "a"}), nil}
	for range minSlots { // the last of them has the place of the first
		series[1] = event.NewSeries(event.Series{Path: "b"})
	}
	get := func() {
		for i := range keys {
			table.Get(&keys[i], nil, series[i])
		}
	}
	get()
	assert.Zero(t, testing.AllocsPerRun(100, get))
}
