package main

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	minCachedTokens = 1024      // as for Gemini 2.5 Flash
	maxCaches       = 1000      // a client that never deletes cannot fill the memory
	defaultTTL      = time.Hour // where the client names none
)

// localCaches are the cached contents of the built-in provider. As with Gemini, one
// that has expired is told from one that never was by nobody.
type localCaches struct {
	mu      sync.Mutex
	entries map[string]cacheEntry // by name
}

type cacheEntry struct {
	model   string // "models/…"
	texts   []string
	tokens  int
	expires time.Time
}

func (l *localCaches) create(w http.ResponseWriter, r *http.Request) {
	var req cachedContent
	if !readRequest(w, r, &req) {
		return
	}
	invalid := func(why string) { refuse(w, http.StatusBadRequest, "INVALID_ARGUMENT", why) }
	ttl := defaultTTL
	if req.TTL != "" {
		var err error
		if ttl, err = time.ParseDuration(req.TTL); err != nil || ttl <= 0 || !strings.HasSuffix(req.TTL, "s") {
			invalid("ttl must be a number of seconds, as 300s")
			return
		}
	}
	entry := cacheEntry{model: req.Model}
	for _, c := range req.Contents {
		for _, p := range c.Parts {
			entry.texts = append(entry.texts, p.Text)
			entry.tokens += countTokens(p.Text)
		}
	}
	switch {
	case !strings.HasPrefix(req.Model, modelPrefix) || !knownModel(req.Model[len(modelPrefix):]):
		refuse(w, http.StatusNotFound, "NOT_FOUND", req.Model+" is not found, or is not supported for createCachedContent")
		return
	case entry.tokens < minCachedTokens:
		invalid(fmt.Sprintf("Cached content is too small. total_token_count=%d, min_total_token_count=%d", entry.tokens, minCachedTokens))
		return
	}
	now := time.Now()
	entry.expires = now.Add(ttl)
	name := cachesPrefix + "/" + strings.ToLower(rand.Text())
	if !l.add(name, entry, now) {
		refuse(w, http.StatusTooManyRequests, "RESOURCE_EXHAUSTED", fmt.Sprintf("%d cached contents are the most", maxCaches))
		return
	}
	respond(w, http.StatusOK, cachedContent{
		Name: name, Model: req.Model, CreateTime: now.UTC().Format(time.RFC3339Nano), ExpireTime: entry.expires.UTC().Format(time.RFC3339Nano),
		UsageMetadata: &cachedTokens{int64(entry.tokens)},
	})
}

// add returns false when there are too many.
func (l *localCaches) add(name string, entry cacheEntry, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.entries == nil {
		l.entries = make(map[string]cacheEntry)
	}
	for name, e := range l.entries {
		if !now.Before(e.expires) {
			delete(l.entries, name)
		}
	}
	if len(l.entries) >= maxCaches {
		return false
	}
	l.entries[name] = entry
	return true
}

func (l *localCaches) remove(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	name := cachesPrefix + "/" + r.PathValue("id")
	if e, ok := l.entries[name]; !ok || !time.Now().Before(e.expires) {
		noCache(w)
		return
	}
	delete(l.entries, name)
	respond(w, http.StatusOK, struct{}{})
}

// find returns false when it has refused the request.
func (l *localCaches) find(w http.ResponseWriter, req generateRequest, model string) (cacheEntry, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.entries[req.CachedContent]
	switch {
	case !ok || !time.Now().Before(e.expires):
		noCache(w)
	case req.SystemInstruction != nil:
		refuse(w, http.StatusBadRequest, "INVALID_ARGUMENT", "CachedContent can not be used with GenerateContent request setting system_instruction")
	case e.model != modelPrefix+model:
		refuse(w, http.StatusBadRequest, "INVALID_ARGUMENT", "the cached content is for "+e.model)
	default:
		return e, true
	}
	return cacheEntry{}, false
}

func noCache(w http.ResponseWriter) {
	refuse(w, http.StatusForbidden, "PERMISSION_DENIED", "CachedContent not found (or permission denied)")
}
