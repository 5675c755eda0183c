package jsonlines

import (
	"log/slog"
	"sync"
	"sync/atomic"
)

// renames remembers the names that ReplaceAttr gives to the keys that are never left out, so
// that a line that is cut keeps them.
type renames struct {
	old   sync.Map // by the new key
	count atomic.Int32
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
	if was, ok := n.old.Load(key); ok && was == old {
		return
	}
	if n.count.Add(1) <= maxRenames {
		n.old.Store(key, old)
	}
}

// original is what key was called before, which is most often key.
func (n *renames) original(key string) string {
	if old, ok := n.old.Load(key); ok {
		return old.(string)
	}
	return key
}
