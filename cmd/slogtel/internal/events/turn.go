package events

import "sync"

// A Turn is for a [Sink] to embed that decides something in the order of the lines, such as which names
// there is room for.
type Turn struct{ of *worker }

// Wait returns when the sinks of all workers have had all lines of the chunks before the present one. Where
// reading is cut short it does not wait.
func (t *Turn) Wait() {
	if t.of != nil && t.of.turns != nil {
		t.of.turns.wait(t.of.number)
	}
}

func (t *Turn) take(w *worker) { t.of = w }

// turns knows which chunks have been handed on.
type turns struct {
	mu      sync.Mutex
	changed sync.Cond
	next    int          // the first that has not
	done    map[int]bool // of those after it, which have
	over    bool         // reading was cut short
}

func newTurns() *turns {
	t := &turns{done: make(map[int]bool)}
	t.changed.L = &t.mu
	return t
}

func (t *turns) wait(number int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.next < number && !t.over {
		t.changed.Wait()
	}
}

// end notes that a chunk has been handed on or, with a negative number, that no more are.
func (t *turns) end(number int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = t.over || number < 0
	t.done[number] = true
	for t.done[t.next] {
		delete(t.done, t.next)
		t.next++
	}
	t.changed.Broadcast()
}
