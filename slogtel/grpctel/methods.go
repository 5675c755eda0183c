package grpctel

import (
	"encoding/hex"
	"hash/fnv"
	"maps"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/slogtel/telemetry/scope"
)

// Bounds of what is remembered. A server has fewer methods; a proxy that takes any may not.
const (
	maxMethods      = 1024
	maxMethodLength = 512
)

// other is the rpc.method of those that are not known.
const other = "_OTHER"

// A method is one of a service, with the name of its scope.
type method struct {
	full string // without the slash before it
	name string
	own  bool // the name is that of Options.ScopeName
}

// methods has the name of each method. Reading it takes no lock.
type methods struct {
	prefix string
	own    func(full string) string // nil: the default
	seen   atomic.Pointer[map[string]*method]
	mu     sync.Mutex // guards adding
	taken  map[string]bool
}

func newMethods(prefix string, own func(string) string) *methods {
	m := &methods{prefix: prefix, own: own, taken: make(map[string]bool)}
	m.seen.Store(new(map[string]*method))
	return m
}

func (m *methods) unmatched() *method { return &method{full: other, name: m.prefix + "unmatched"} }
func (m *methods) overflow() *method  { return &method{full: other, name: m.prefix + "overflow"} }

// find returns the method of that full name, as "/package.Service/Method".
func (m *methods) find(full string, fault *error) *method {
	seen := *m.seen.Load()
	if found := seen[full]; found != nil {
		return found
	}
	if len(full) > maxMethodLength || len(seen) >= maxMethods {
		return m.overflow()
	}
	name := ""
	if m.own != nil {
		name = try("ScopeName", fault, "", func() string { return m.own(full) })
	}
	return m.add(full, name)
}

func (m *methods) add(full, own string) *method {
	m.mu.Lock()
	defer m.mu.Unlock()
	old := *m.seen.Load()
	if found := old[full]; found != nil {
		return found
	}
	if len(old) >= maxMethods {
		return m.overflow()
	}
	full = strings.Clone(full)
	found := &method{full: strings.TrimPrefix(full, "/"), name: scope.Sanitize(own), own: own != ""}
	if own == "" {
		found.name = scope.Sanitize(m.prefix + strings.ReplaceAll(found.full, "/", "."))
		if m.taken[found.name] {
			h := fnv.New32a()
			h.Write([]byte(full))
			found.name += "_" + hex.EncodeToString(h.Sum(nil))
		}
	}
	m.taken[found.name] = true
	grown := make(map[string]*method, len(old)+1)
	maps.Copy(grown, old)
	grown[full] = found
	m.seen.Store(&grown)
	return found
}
