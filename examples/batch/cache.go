package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// sourceCache holds the sources of one batch at the provider, for as long as calls ask
// about them one by one. It is made by the first call that wants it and deleted after
// the last one; where it cannot be had, calls go without. A nil one does nothing.
type sourceCache struct {
	caches  *caches
	sources []part

	mu   sync.Mutex
	made bool
	name string // "" : there is none
	left int    // calls that are still to come
}

// caches is what the caches of a run share.
type caches struct {
	provider *provider
	log      *slog.Logger
	model    string
	ttl      time.Duration

	mu    sync.Mutex
	stats cacheStats
}

// cacheStats accounts for the calls that were to use a cache, and for the caches.
type cacheStats struct {
	Hits          int64   `json:"hits"`    // calls whose sources came from a cache
	Misses        int64   `json:"misses"`  // calls that had to send them
	Retries       int64   `json:"retries"` // of the misses, those that found the cache gone and asked again without it
	Created       int64   `json:"created"`
	Refused       int64   `json:"refused"` // could not be made, as when the sources are too few
	Deleted       int64   `json:"deleted"` // the others end with their time to live
	CreatedTokens int64   `json:"created_tokens"`
	CachedTokens  int64   `json:"cached_tokens"` // read from caches, by the hits
	Seconds       float64 `json:"duration_s"`    // spent on making and deleting them
}

// acquire returns the name of the cache, or "" where there is none.
func (c *sourceCache) acquire(ctx context.Context) string {
	if c == nil {
		return ""
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.made {
		c.made = true
		c.name = c.caches.create(ctx, c.sources)
	}
	return c.name
}

// lose is told that the provider has no such cache any more.
func (c *sourceCache) lose() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.name = ""
}

// release ends one call's use of the cache.
func (c *sourceCache) release(ctx context.Context) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left--; c.left == 0 && c.name != "" {
		c.caches.remove(ctx, c.name)
	}
}

// count notes how a call that was to use a cache fared: hit or miss.
func (c *caches) count(ctx context.Context, used, retried bool, cached int64) string {
	tel := c.provider.tel
	c.mu.Lock()
	defer c.mu.Unlock()
	if used && cached > 0 {
		c.stats.Hits++
		c.stats.CachedTokens += cached
		tel.Count(ctx, "cache.hits", 1)
		return "hit"
	}
	c.stats.Misses++
	tel.Count(ctx, "cache.misses", 1)
	if retried {
		c.stats.Retries++
		tel.Count(ctx, "cache.retries", 1)
	}
	return "miss"
}

// create returns the name of a new cache, or "" where it cannot be had.
func (c *caches) create(ctx context.Context, sources []part) string {
	body, err := json.Marshal(cachedContent{
		Model:    modelPrefix + c.model,
		Contents: []content{{Role: "user", Parts: sources}},
		TTL:      strconv.FormatFloat(c.ttl.Seconds(), 'f', -1, 64) + "s",
	})
	var made cachedContent
	var data []byte
	if err == nil {
		data, err = c.exchange(ctx, "api.cache_create", http.MethodPost, cachesPath, body)
	}
	if err == nil {
		err = json.Unmarshal(data, &made)
	}
	if err == nil && !strings.HasPrefix(made.Name, cachesPrefix+"/") {
		err = errors.New("the answer names no cache")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.stats.Refused++
		c.log.WarnContext(ctx, "going without a cache", slog.String("because", err.Error()))
		return ""
	}
	c.stats.Created++
	if made.UsageMetadata != nil {
		c.stats.CreatedTokens += made.UsageMetadata.TotalTokenCount
	}
	return made.Name
}

// remove deletes a cache also when the run was interrupted: it costs as long as it lives.
func (c *caches) remove(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if _, err := c.exchange(ctx, "api.cache_delete", http.MethodDelete, apiPath+name, nil); err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.stats.Deleted++
	}
}

// exchange is one about a cache, in a scope of its own.
func (c *caches) exchange(ctx context.Context, scope, method, path string, body []byte) (data []byte, err error) {
	start := time.Now()
	err = c.provider.tel.Time(ctx, scope, func(ctx context.Context) error {
		var resp *http.Response
		var err error
		if data, resp, err = c.provider.exchange(ctx, method, path, body); err == nil && resp.StatusCode != http.StatusOK {
			err = refusal(resp, data)
		}
		return err
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.Seconds += time.Since(start).Seconds()
	return data, err
}
