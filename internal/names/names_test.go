package names

import (
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTable(t *testing.T) {
	var table Table[string]
	_, ok := table.Get("a")
	assert.False(t, ok)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range Most + 10 {
				key := strconv.Itoa(i)
				v, ok := table.Add(key, func(key string) string { return table.Unique("n"+key[:1], key) })
				got, found := table.Get(key)
				assert.Equal(t, ok, found)
				assert.Equal(t, v, got)
			}
		})
	}
	wg.Wait()
	assert.True(t, table.Full())
	seen := make(map[string]bool)
	for i := range Most + 10 {
		if v, ok := table.Get(strconv.Itoa(i)); ok {
			assert.False(t, seen[v], "%s was given twice", v)
			seen[v] = true
		}
	}
	assert.Len(t, seen, Most)
}
