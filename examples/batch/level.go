package main

import (
	"context"
	"sync"

	"github.com/slogtel/telemetry/slogtel"
)

// level is a gauge that many goroutines move. The events go out in the order of
// the moves, so that the last one tells how things stand: an atomic number would
// not do, as a goroutine could be overtaken between the move and its event.
type level struct {
	tel  *slogtel.Telemetry
	name string

	mu  sync.Mutex
	n   int
	max int
}

func (l *level) add(ctx context.Context, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n += n
	l.max = max(l.max, l.n)
	l.tel.Gauge(ctx, l.name, float64(l.n))
}

func (l *level) highest() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.max
}
