package main

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

const minCachedTokens = 1024 // as for Gemini 2.5 Flash

// localCaches are the cached contents of the built-in provider. As with Gemini, an answer
// does not tell one that has expired from one that never was.
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
	entry := cacheEntry{model: req.Model}
	for _, c := range req.Contents {
		for _, p := range c.Parts {
			entry.texts = append(entry.texts, p.Text)
			entry.tokens += countTokens(p.Text)
		}
	}
	model, named := strings.CutPrefix(req.Model, modelPrefix)
	ttl, err := time.ParseDuration(cmp.Or(req.TTL, "3600s"))
	switch {
	case err != nil:
		refuse(w, http.StatusBadRequest, "INVALID_ARGUMENT", "ttl must be a number of seconds, as 300s")
		return
	case !named || !knownModel(model):
		refuse(w, http.StatusNotFound, "NOT_FOUND", req.Model+" is not found, or is not supported for createCachedContent")
		return
	case entry.tokens < minCachedTokens:
		refuse(w, http.StatusBadRequest, "INVALID_ARGUMENT",
			fmt.Sprintf("Cached content is too small. total_token_count=%d, min_total_token_count=%d", entry.tokens, minCachedTokens))
		return
	}
	entry.expires = time.Now().Add(ttl)
	name := cachesPrefix + "/" + strings.ToLower(rand.Text())
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries[name] = entry
	respond(w, http.StatusOK, cachedContent{Name: name, Model: req.Model, UsageMetadata: &cachedTokens{int64(entry.tokens)}})
}

func (l *localCaches) remove(w http.ResponseWriter, r *http.Request) {
	name := cachesPrefix + "/" + r.PathValue("id")
	if _, ok := l.find(w, name); !ok {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.entries, name)
	respond(w, http.StatusOK, struct{}{})
}

// find returns false when it has refused the request.
func (l *localCaches) find(w http.ResponseWriter, name string) (cacheEntry, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.entries[name]
	if ok = ok && time.Now().Before(e.expires); !ok {
		refuse(w, http.StatusForbidden, "PERMISSION_DENIED", "CachedContent not found (or permission denied)")
	}
	return e, ok
}
