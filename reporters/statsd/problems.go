package statsd

import (
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// reportEvery is the least time between two calls of OnError.
const reportEvery = time.Minute

// problems counts errors and reports some of them.
type problems struct {
	call func(error) // nil: log them

	mu    sync.Mutex
	count int64
	last  error
	at    time.Time // of last
	next  time.Time // of the next report
	held  int64     // since the last report
	busy  bool      // a report is under way
}

// report counts err, and passes it on unless an error was passed on within the last
// minute.
func (p *problems) report(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last, p.at = err, time.Now()
	p.pass(err)
}

// reportLoss is report for a loss, which is the consequence of the last error and
// does not take its place.
func (p *problems) reportLoss(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last == nil {
		p.last, p.at = err, time.Now()
	} else {
		err = fmt.Errorf("%w; the last error: %w", err, p.last)
	}
	p.pass(err)
}

// pass passes err on, on a goroutine of its own: what the app does with it holds
// nobody up.
func (p *problems) pass(err error) {
	p.count++
	now := time.Now()
	if p.busy || now.Before(p.next) {
		p.held++
		return
	}
	if p.held > 0 {
		err = fmt.Errorf("%w (and %d errors more since the last report)", err, p.held)
	}
	p.held, p.busy, p.next = 0, true, now.Add(reportEvery)
	go p.tell(err)
}

func (p *problems) tell(err error) {
	defer func() {
		_ = recover() // a panic in OnError must not end the app
		p.mu.Lock()
		p.busy = false
		p.mu.Unlock()
	}()
	if p.call != nil {
		p.call(err)
		return
	}
	slog.Default().Error("telemetry error", slog.String("error", err.Error()))
}
