package live

import (
	"context"

	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

// The limits of one trace.
const (
	maxTraceBytes = 128 << 10
	maxItem       = 64 << 10 // about
	maxAttrs      = 32       // of an event, and of a group
	maxText       = 1024     // bytes of a text
	maxReused     = 16 << 10 // bytes of a trace whose memory is used again
	indexed       = 32       // open scopes from which on they are looked up in a map
	looked        = 64       // open scopes that are compared, where there is no other way
	rootID        = 1

	allTraceBytes = 32 << 20 // of all traces that are open
	bytesStep     = 4 << 10  // in which these are counted
)

// A trace is what has happened in a root scope so far. The lock of its stripe guards it.
type trace struct {
	root *slogtel.Span
	next *trace // in the chain

	open  []openScope
	index map[any]int32 // places in open, by key; nil while they are few
	ids   int32         // the last one

	journal journal
	events  int    // in the journal
	taken   int    // bytes of it that the table has counted
	cut     int    // events that had no room
	fails   int    // scopes that failed
	failure string // of the first of them

	ended  bool // the root has; what comes now is late
	untold bool // it counts as an open scope: nobody told of the start
}

// An openScope is a scope that has started.
type openScope struct {
	key        any // its context: what a context that is in it has under scope.Key
	path       string
	id, parent int32 // of a scope in the trace
}

func (o *openScope) set(from openScope) {
	o.key, o.path, o.id, o.parent = from.key, from.path, from.id, from.parent
}

// is reports whether a timing with this path is that of the scope, which may have been renamed.
func (o *openScope) is(path string) bool {
	if o.path == path {
		return true
	}
	state, _ := o.span().State()
	return state.Scope == path
}

func (o *openScope) span() *slogtel.Span {
	ctx, _ := o.key.(context.Context)
	return slogtel.Current(ctx)
}

// enter adds a scope that was opened. It reports false for one that is there already.
func (tr *trace) enter(key any, s *scope.Info) bool {
	if key == nil || tr.at(key) >= 0 {
		return false
	}
	tr.ids++
	parent := int32(0)
	for i, n := len(tr.open)-1, looked; i >= 0 && n > 0; i, n = i-1, n-1 {
		if tr.open[i].path == s.Parent {
			parent = tr.open[i].id
			break
		}
	}
	if parent == 0 && tr.ids > rootID {
		parent = rootID
	}
	last := len(tr.open)
	if last < cap(tr.open) {
		tr.open = tr.open[:last+1]
	} else {
		tr.open = append(tr.open, openScope{})
	}
	tr.open[last].set(openScope{key, s.Path, tr.ids, parent})
	if tr.index != nil {
		tr.index[key] = int32(last)
	} else if last >= indexed {
		tr.index = make(map[any]int32, 2*indexed)
		for i := range tr.open {
			tr.index[tr.open[i].key] = int32(i)
		}
	}
	return true
}

// at returns the place of an open scope, or -1.
func (tr *trace) at(key any) int {
	if tr.index != nil {
		if i, ok := tr.index[key]; ok {
			return int(i)
		}
		return -1
	}
	for i := len(tr.open) - 1; i >= 0; i-- {
		if tr.open[i].key == key {
			return i
		}
	}
	return -1
}

// find is at for a context that may be one that Span.Rename returned.
func (tr *trace) find(ctx context.Context) int {
	if i := tr.at(ctx.Value(scope.Key{})); i >= 0 || len(tr.open) == 0 {
		return i
	}
	span := slogtel.Current(ctx)
	for i, n := len(tr.open)-1, looked; i >= 0 && n > 0; i, n = i-1, n-1 {
		if tr.open[i].span() == span {
			return i
		}
	}
	if tr.open[0].span() == span {
		return 0
	}
	return -1
}

// leave takes out an open scope.
func (tr *trace) leave(i int) {
	last := len(tr.open) - 1
	if tr.index != nil {
		delete(tr.index, tr.open[i].key)
		if i != last {
			tr.index[tr.open[last].key] = int32(i)
		}
	}
	if i != last {
		tr.open[i].set(tr.open[last])
	}
	tr.open[last].set(openScope{})
	tr.open = tr.open[:last]
}

// prune takes out scopes that have ended, and returns how many.
func (tr *trace) prune() (n int64) {
	for i := len(tr.open) - 1; i >= 0; i-- {
		if _, open := tr.open[i].span().State(); !open {
			tr.leave(i)
			n++
		}
	}
	return n
}

// add adds what has happened in a scope, and reports false where there is no room for it.
func (tr *trace) add(t *table, in *incoming, id, parent int32) bool {
	if tr.events >= t.events-1 || len(tr.journal) > maxTraceBytes || t.bytes.Load() > allTraceBytes {
		tr.cut++
		return false
	}
	if tr.journal == nil {
		tr.journal = make(journal, 0, 512)
	}
	tr.events++
	tr.journal = tr.journal.append(in, id, parent)
	if n := len(tr.journal); n >= tr.taken+bytesStep {
		t.bytes.Add(int64(n - tr.taken))
		tr.taken = n
	}
	return true
}

// fail notes a scope that failed.
func (tr *trace) fail(text string) {
	if tr.fails == 0 {
		tr.failure = cutText(text)
	}
	tr.fails++
}

// reset makes tr ready for another root, unless it has a lot of memory.
func (tr *trace) reset() bool {
	if cap(tr.journal) > maxReused || cap(tr.open) > 2*indexed || tr.index != nil {
		return false
	}
	tr.root, tr.next, tr.failure, tr.journal = nil, nil, "", tr.journal[:0]
	tr.ids, tr.events, tr.taken, tr.cut, tr.fails = 0, 0, 0, 0, 0
	tr.ended, tr.untold = false, false
	return true
}
