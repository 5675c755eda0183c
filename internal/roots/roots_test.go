package roots_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/roots"
	"github.com/slogtel/telemetry/scope"
)

type carrier struct {
	scope.Info
	root *int
}

func (c carrier) ScopeInfo() scope.Info              { return c.Info }
func (c carrier) ScopeRoot() (key any, r scope.Info) { return c.root, scope.Info{Path: "root"} }
func in(c scope.Carrier) context.Context {
	return context.WithValue(context.Background(), scope.Key{}, c)
}

func TestOf(t *testing.T) {
	n := new(int)
	root, ok := roots.Of(in(carrier{scope.Info{Path: "root.a"}, n}))
	assert.True(t, ok)
	assert.Equal(t, roots.Key(n), root.Key)
	assert.False(t, root.Ended(), "nobody knows")
	assert.Equal(t, "root", root.Path)
	for _, ctx := range []context.Context{nil, context.Background(), scope.NewContext(context.Background(), scope.Info{Path: "a"})} {
		_, ok := roots.Of(ctx)
		assert.False(t, ok)
	}
}

func TestTable(t *testing.T) {
	table := roots.NewTable[int](160) // ten a part
	open := func(k int) []*int { return table.Open(k, func(v *int) { *v = k }) }
	pushed := 0
	for k := range 1000 {
		for _, old := range open(k) {
			assert.Less(t, *old, k, "the oldest of its part")
			assert.Nil(t, table.Find(*old))
			pushed++
		}
		assert.Nil(t, open(k), "twice is once")
		assert.Equal(t, k, *table.Find(k))
	}
	assert.Equal(t, 1000-pushed, table.Len())
	assert.LessOrEqual(t, table.Len(), 160)
	assert.Len(t, table.All(), table.Len())
	assert.Equal(t, 999, *table.Close(999))
	assert.Nil(t, table.Close(999))
	assert.Nil(t, table.Find(999))
	assert.Len(t, table.CloseAll(), 999-pushed)
	assert.Zero(t, table.Len())
	assert.Nil(t, open(1))
	assert.Zero(t, table.Len(), "what was closed stays so")
}

func TestFindOrOpen(t *testing.T) {
	table := roots.NewTable[int](160) // ten a part: which part a key is in is by chance
	set := func(v *int) { *v = 7 }
	v, pushed := table.FindOrOpen("a", set)
	assert.Equal(t, 7, *v)
	assert.Nil(t, pushed)
	again, _ := table.FindOrOpen("a", nil)
	assert.Same(t, v, again)
	table.Open("b", set)
	v, _ = table.FindOrOpen("c", set)
	assert.Nil(t, v, "starts are told, so it has ended")
	assert.Equal(t, 2, table.Len())
}

func TestTableKeepsOrder(t *testing.T) {
	table := roots.NewTable[int](16 * 100)
	for k := range 300 {
		table.Open(k, func(v *int) { *v = k })
	}
	for k := 0; k < 300; k += 3 { // ends, beginnings and middles
		table.Close(k)
	}
	last, ends := -1, 0
	for _, v := range table.All() {
		if *v < last { // the next part begins
			ends++
		}
		last = *v
	}
	assert.Less(t, ends, 16)
	assert.Equal(t, 200, table.Len())
}

type endedKey struct{ ended bool }

func (k *endedKey) ScopeEnded() bool { return k.ended }

// Roots whose event does not come are taken out as others open, and those that are open stay.
func TestRootsWithoutTheirEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table := roots.NewTable[*endedKey](100_000)
		open := func() (k *endedKey) {
			k = new(endedKey)
			for _, old := range table.Open(k, func(v **endedKey) { *v = k }) {
				assert.True(t, (*old).ended)
			}
			return k
		}
		for range 1000 {
			open()
		}
		for range 10_000 {
			open().ended = true
			time.Sleep(100 * time.Millisecond)
		}
		assert.Less(t, table.Len(), 2000)
		still := 0
		for _, k := range table.All() {
			if !(*k).ended {
				still++
			}
		}
		assert.Equal(t, 1000, still)
	})
}
