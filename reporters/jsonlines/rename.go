package jsonlines

import (
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
)

// renames remembers the names that ReplaceAttr gives to the keys that are never left out, so
// that a line that is cut keeps them.
type renames struct {
	mu  sync.Mutex                        // for writers
	old atomic.Pointer[map[string]string] // by the new key
}

// maxRenames bounds them: the names that a ReplaceAttr makes may be unbounded.
const maxRenames = 64

// watch returns replace, watched.
func (n *renames) watch(replace func([]string, slog.Attr) slog.Attr) func([]string, slog.Attr) slog.Attr {
	if replace == nil {
		return nil
	}
	return func(groups []string, a slog.Attr) slog.Attr {
		b := replace(groups, a)
		if len(groups) == 0 && b.Key != a.Key && b.Key != "" && flatLayout.root(a.Key, true) != rankUser {
			n.note(b.Key, a.Key)
		}
		return b
	}
}

func (n *renames) note(key, old string) {
	if m := n.old.Load(); m != nil && (*m)[key] == old {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	m := map[string]string{}
	if before := n.old.Load(); before != nil {
		m = maps.Clone(*before)
	}
	if len(m) < maxRenames {
		m[key] = old
		n.old.Store(&m)
	}
}

// original is what key was called before, which is most often key.
func (n *renames) original(key string) string {
	if m := n.old.Load(); m != nil {
		if old, ok := (*m)[key]; ok {
			return old
		}
	}
	return key
}
