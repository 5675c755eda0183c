package live

import "github.com/slogtel/telemetry/slogtel"

// The limits of one trace.
const (
	maxTraceBytes = 128 << 10
	maxItem       = 64 << 10 // about
	maxAttrs      = 32       // of an event, and of a group
	maxText       = 1024     // bytes of a text
	maxReused     = 16 << 10 // bytes of a trace whose memory is used again

	allTraceBytes = 32 << 20 // of all traces that are open
	bytesStep     = 4 << 10  // in which these are counted
)

// A trace is what has happened in a root scope so far. The lock of its stripe guards it.
type trace struct {
	root    *slogtel.Span
	next    *trace // in the chain
	journal journal
	events  int    // in the journal
	taken   int    // bytes of it that the table has counted
	cut     int    // events that had no room
	fails   int    // scopes that failed
	failure string // of the first of them
}

// add adds what has happened, and reports false where there is no room for it.
func (tr *trace) add(t *table, in *incoming, where place) bool {
	if tr.events >= t.events-1 || len(tr.journal) > maxTraceBytes || t.bytes.Load() > allTraceBytes {
		tr.cut++
		return false
	}
	if tr.journal == nil {
		tr.journal = make(journal, 0, 512)
	}
	tr.events++
	tr.journal = tr.journal.append(in, where)
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
	if cap(tr.journal) > maxReused {
		return false
	}
	tr.root, tr.next, tr.failure, tr.journal = nil, nil, "", tr.journal[:0]
	tr.events, tr.taken, tr.cut, tr.fails = 0, 0, 0, 0
	return true
}
