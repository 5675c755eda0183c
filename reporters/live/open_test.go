package live

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/slogtel"
)

func newSpans(n int) (list []*slogtel.Span) {
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, testkit.HandleFunc(nil))
	for range n {
		_, span := tel.Start(context.Background(), "a")
		list = append(list, span)
	}
	return list
}

// As many scopes have room as the limit says, whatever it is, and those that leave make room for others.
func TestOpenScopesHaveALimit(t *testing.T) {
	for _, limit := range []int{1, 10, 100, 10_000} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			var o openScopes
			o.init(limit)
			spans := newSpans(5*limit + 100)
			var in []*slogtel.Span
			for _, s := range spans {
				if o.enter(s) {
					in = append(in, s)
					o.enter(s) // it is there already
				}
			}
			assert.Len(t, in, limit)
			assert.Len(t, o.all(), limit)
			left := 0
			for _, s := range in {
				if o.has(s) && o.leave(s) && !o.leave(s) && !o.has(s) {
					left++
				}
			}
			assert.Equal(t, limit, left)
			assert.Empty(t, o.all())
			for _, s := range spans[:limit] {
				o.enter(s)
			}
			assert.Len(t, o.all(), limit)
		})
	}
}

func TestOpenScopesOfManyGoroutines(t *testing.T) {
	var o openScopes
	o.init(300)
	spans := newSpans(400)
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for range 50 {
				var in []*slogtel.Span
				for _, s := range spans[100*g:][:100] {
					if o.enter(s) {
						in = append(in, s)
					}
				}
				assert.LessOrEqual(t, len(o.all()), 300)
				for _, s := range in {
					assert.True(t, o.leave(s))
				}
			}
		})
	}
	all.Wait()
	assert.Empty(t, o.all())
	assert.Empty(t, o.rest)
	for i := range o.slots {
		assert.Nil(t, o.slots[i].Load())
	}
}
