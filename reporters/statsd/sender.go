package statsd

import (
	"fmt"
	"sync"
	"time"
)

// sweepEvery is the time between two sweeps of unused series: one is forgotten
// after one to two of these.
const sweepEvery = 5 * time.Minute

// A sender is the goroutine that uses the socket. Its fields are its own.
type sender struct {
	*client
	connector

	batch  *batch    // that is being encoded
	next   int       // of its items and sums
	sums   []sum     // to be encoded
	pack   bool      // several values a line
	packed []*series // that keep values for one line
	packet packet    // begun, or left over by a lost link
	before struct {  // the packet written last, over UDP
		events int64
		bytes  int
	}
	flushing []chan<- error
	reported int64 // lost events that were reported
}

// run sends until the client is shut down.
func (s *sender) run() {
	defer close(s.done)
	var (
		tick    = time.NewTicker(s.flushEvery)
		sweep   = time.NewTicker(sweepEvery)
		alarm   = time.NewTimer(0) // to connect again, or to look the host up
		closing = s.closing
		due     bool
	)
	defer tick.Stop()
	defer sweep.Stop()
	defer alarm.Stop()
	for {
		if s.link == nil && !time.Now().Before(s.retryAt) {
			s.connect()
		}
		if s.link != nil {
			if due || closing == nil || len(s.flushing) > 0 {
				s.sendAll()
				due = false
			} else {
				s.sendQueued()
			}
		}
		if closing == nil {
			s.finish()
			return
		}
		if s.link == nil && s.retryAt.IsZero() {
			continue // it was given up for a better one
		}
		s.answerFlushes()
		alarm.Reset(s.sleep())
		select {
		case <-tick.C:
			due = true
			s.reportLosses()
		case <-sweep.C:
			s.sweep()
		case <-s.queue.wake:
		case answer := <-s.flushes:
			s.flushing = append(s.flushing, answer)
			s.retryAt = time.Time{}
		case <-closing:
			closing = nil
			s.retryAt = time.Time{}
		case err := <-s.broken():
			s.lose(err)
		case <-alarm.C:
			s.lookUpIfDue()
		case res := <-s.lookups:
			s.resolved(res)
		}
	}
}

// answerFlushes says to those who asked for a flush that it is done, or why not.
func (s *sender) answerFlushes() {
	for _, answer := range s.flushing {
		if s.link == nil {
			answer <- s.failure
		} else {
			answer <- nil
		}
	}
	clear(s.flushing)
	s.flushing = s.flushing[:0]
}

// reportLosses reports that events were lost since the last time.
func (s *sender) reportLosses() {
	st := s.stats()
	lost := st.Dropped + st.Overflowed
	if lost > s.reported {
		s.problems.reportLoss(fmt.Errorf("statsd: %d events dropped and %d beyond MaxSeries so far", st.Dropped, st.Overflowed))
		s.reported = lost
	}
}

// finish is the end: it gives up what could not be sent.
func (s *sender) finish() {
	// What was lost on the way out gets one more chance, over a new connection.
	if s.link == nil && s.stats().Pending > 0 && s.ctx.Err() == nil {
		s.connect()
		if s.link != nil {
			s.sendAll()
		}
	}
	s.unsent = s.stats().Pending
	if s.link != nil {
		s.drop()
	}
	s.abandon()
	s.watchers.Wait()
}

// A connector keeps a link to the daemon. It belongs to the sender.
type connector struct {
	d *dialer

	link     *link // nil: none
	watchers sync.WaitGroup

	ips       []string // of the host
	at        int      // which of them is next
	stale     bool     // look the host up before connecting
	looking   bool     // in the background
	lookups   chan lookupResult
	lookedAt  time.Time
	resolveAt time.Time // of the next look-up in the background

	backoff time.Duration
	retryAt time.Time
	failure error // why there is no link
}
