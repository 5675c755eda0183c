package main

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Sources that are too few for a cache are sent along.
func TestCacheRefused(t *testing.T) {
	r := prompted(t, prose, "-batch-tokens", "64", "-one-by-one")
	assert.Equal(t, exitOK, r.code, r.stderr)
	assert.Equal(t, cacheStats{Misses: 6, Refused: 2, Seconds: r.env.Metrics.Cache.Seconds}, *r.env.Metrics.Cache)
	assert.Contains(t, r.stderr, "Cached content is too small")
	assert.Empty(t, r.env.Failures)
}

// A cache that ends while it is in use: its calls ask again without it.
func TestCacheExpires(t *testing.T) {
	r := prompted(t, longProse, "-batch-tokens", "3000", "-one-by-one", "-cache-ttl", "1ns", "-concurrency", "1")
	assert.Equal(t, exitOK, r.code, r.stderr)
	c := r.env.Metrics.Cache
	assert.EqualValues(t, []int64{0, 6, 2, 2, 0, 0}, []int64{c.Hits, c.Misses, c.Retries, c.Created, c.Refused, c.Deleted})
	assert.EqualValues(t, 6+2+3, r.env.Usage.Requests)
	assert.Zero(t, r.env.Usage.Retries, "no wait was needed")
	assert.Equal(t, "miss", r.env.Metrics.Calls[0].Cache)
	agree(t, r)
}

// A cache costs as long as it lives: it is deleted also when the run is interrupted.
func TestInterruptDeletesTheCache(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var deleted atomic.Int64
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		switch {
		case r.Method == http.MethodDelete:
			deleted.Add(1)
		case r.URL.Path == cachesPath:
			respond(w, 200, cachedContent{Name: "cachedContents/1"})
		default:
			cancel()
			<-r.Context().Done()
		}
	})
	t.Chdir(files(t, map[string]string{"a.md": prose}))
	r := runWith(t, ctx, "-endpoint", url, "-one-by-one", "-prompt", "a", "-prompt", "b", "a.md")
	assert.True(t, r.env.Interrupted)
	assert.Equal(t, statusError, r.env.Status)
	assert.EqualValues(t, 1, deleted.Load())
	assert.EqualValues(t, 1, r.env.Metrics.Cache.Deleted)
}
