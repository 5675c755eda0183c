package statsd

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// sweepEvery is the time between two sweeps of unused series: one is forgotten
// after one to two of these.
const sweepEvery = 5 * time.Minute

// A sender is the goroutine that uses the socket. Its fields are its own.
type sender struct {
	*client
	connector
	pacer

	due       bool      // what the series hold is to be sent
	underway  bool      // it was collected, and is not all sent
	batch     *batch    // that is being encoded
	next      int       // of its items and sums
	sums      []sum     // to be encoded
	nextSum   int       // of sums
	negatives []sum     // gauges whose zero was sent, and whose value follows
	zeroLink  *link     // over which that was
	zeroAt    time.Time // when the last of them was; zero: not yet
	pack      bool      // several values a line
	packed    []*series // that keep values for one line
	packet    packet    // begun, or left over by a lost link
	before    struct {  // the packet written last, over UDP
		events int64
		bytes  int
	}
	resumeAt time.Time // when to go on; zero: nothing waits for time alone
	flushing []chan<- error
	urgent   bool      // somebody waits
	by       time.Time // no longer than this; zero: no limit
	reported int64     // lost events that were reported
	self     selfTelemetry
}

// A flushRequest asks for all that was handed over to be sent.
type flushRequest struct {
	answer chan<- error
	by     time.Time // zero: no limit
}

// run sends until the client is shut down.
func (s *sender) run() {
	defer close(s.done)
	s.pacer.begin(false, time.Time{}, s.flushEvery)
	var (
		tick  = time.NewTicker(s.flushEvery)
		sweep = time.NewTicker(sweepEvery)
		alarm = time.NewTimer(0) // to connect again, to look the host up, or to go on
	)
	defer tick.Stop()
	defer sweep.Stop()
	defer alarm.Stop()
	for {
		if s.link == nil && !time.Now().Before(s.retryAt) {
			s.connect()
		}
		s.resumeAt = time.Time{}
		s.send()
		if s.link == nil && s.retryAt.IsZero() {
			continue // it was given up for a better one
		}
		s.answerFlushes()
		alarm.Reset(s.untilNext())
		select {
		case <-tick.C:
			s.due = true
			s.reportLosses()
		case <-sweep.C:
			s.sweep()
		case <-s.queue.wake:
		case f := <-s.flushes:
			s.flushing = append(s.flushing, f.answer)
			s.hurry(f.by)
		case <-s.closing:
			s.hurry(s.closeBy)
			s.finish()
			return
		case err := <-s.broken():
			s.lose(err)
		case <-alarm.C:
			s.lookUpIfDue()
		case res := <-s.lookups:
			s.resolved(res)
		}
	}
}

// untilNext returns the time until there is something to do that nobody asks for.
func (s *sender) untilNext() time.Duration {
	d := s.sleep()
	if s.link != nil && !s.resumeAt.IsZero() {
		d = min(d, time.Until(s.resumeAt))
	}
	return d
}

// hurry makes all that is held leave soon, and before the time by.
func (s *sender) hurry(by time.Time) {
	s.due, s.urgent, s.retryAt = true, true, time.Time{}
	if !by.IsZero() && (s.by.IsZero() || by.Before(s.by)) {
		s.by = by
	}
	s.pacer.hurry(s.by)
}

// send sends what may leave now, and reports whether nothing that is due is left.
func (s *sender) send() bool {
	for s.link != nil {
		if !s.underway {
			if !s.due {
				return s.sendQueued()
			}
			s.begin()
		}
		if !s.step() {
			return false
		}
		s.underway = false
		if !s.due {
			s.urgent, s.by = false, time.Time{}
		}
	}
	return false
}

// begin collects what the series hold. The lines of many leave in another order each
// time: where a daemon's buffer overflows, it is not always the same series that lose.
func (s *sender) begin() {
	s.due, s.underway = false, true
	s.sums, s.nextSum = s.collect(s.sums[:0]), 0
	const few = 500 // which leave at once
	if s.link.udp && len(s.sums) > few {
		rand.Shuffle(len(s.sums), func(i, j int) { s.sums[i], s.sums[j] = s.sums[j], s.sums[i] })
	}
	s.pacer.begin(s.urgent, s.by, s.flushEvery)
	s.self.due = s.self.every > 0 && !time.Now().Before(s.self.at)
}

// answerFlushes says to those who asked for a flush that it is done, or why not.
func (s *sender) answerFlushes() {
	if s.link != nil && (s.due || s.underway) {
		return
	}
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

// finish is the end: it sends what is held, and gives up what cannot be sent. What is
// lost on the way out gets another chance over a new connection, at each address once.
func (s *sender) finish() {
	for range 2 + len(s.ips) {
		if s.link == nil {
			s.connect()
		}
		if s.link == nil || s.drain() || s.ctx.Err() != nil {
			break
		}
	}
	s.unsent = s.stats().Pending
	if s.link != nil {
		s.drop()
	}
	s.abandon()
	s.watchers.Wait()
}

// drain sends all that is held, and reports whether that was done: else the link is
// lost, or there is no time left.
func (s *sender) drain() bool {
	for s.ctx.Err() == nil {
		s.resumeAt = time.Time{}
		if s.send() {
			return true
		}
		if s.link == nil || s.resumeAt.IsZero() {
			return false
		}
		timer := time.NewTimer(time.Until(s.resumeAt))
		select {
		case <-timer.C:
		case <-s.ctx.Done():
		}
		timer.Stop()
	}
	return false
}

// mayWrite reports whether one more packet may leave by UDP now, and notes when to ask
// again if not. A daemon's socket holds some ninety packets, and what comes beyond that
// is lost without a word: so what is more than a burst leaves evenly, by the end of the
// interval. When values come so fast that the queue would overflow there is no choice.
func (s *sender) mayWrite() bool {
	packets, items := s.queue.length()
	if items > s.queue.limit/8 {
		return true
	}
	left := len(s.sums) - s.nextSum
	if left > 0 {
		left = left * s.sums[s.nextSum].series.size / s.max
	}
	return s.take(left+packets+1, s.underway, &s.resumeAt)
}

const (
	burst         = 32                     // packets that may leave at once
	minPace       = 50                     // packets a second
	urgentPace    = 500                    // when somebody waits
	urgentWindow  = 500 * time.Millisecond // in which what somebody waits for leaves
	longestWindow = 10 * time.Second
)

// A pacer spreads packets over time. Its zero value lets the first burst pass.
type pacer struct {
	tokens float64   // packets that may leave now
	at     time.Time // as of when
	end    time.Time // by which the flush under way should have left
	pace   float64   // packets a second, at least
	window time.Duration
}

// begin sets the time in which a flush leaves.
func (p *pacer) begin(urgent bool, by time.Time, interval time.Duration) {
	p.window = min(interval, longestWindow) * 9 / 10
	p.end, p.pace = time.Now().Add(p.window), minPace
	if urgent {
		p.hurry(by)
	}
}

// hurry makes it a shorter one: at most half of what is left until by.
func (p *pacer) hurry(by time.Time) {
	window := urgentWindow
	if !by.IsZero() {
		window = min(window, time.Until(by)/2)
	}
	if end := time.Now().Add(window); p.end.IsZero() || end.Before(p.end) {
		p.end = end
	}
	p.pace = urgentPace
}

// take reports whether one of so many packets may leave, and else sets the time when.
func (p *pacer) take(left int, underway bool, resume *time.Time) bool {
	const shortest = 2 * time.Millisecond // about what a timer can do
	now := time.Now()
	window := p.window / 4 // of what leaves before a flush
	if underway {
		window = p.end.Sub(now)
	}
	rate := max(float64(left)/max(window, shortest).Seconds(), p.pace, minPace)
	most := max(burst, rate*shortest.Seconds())
	if p.at.IsZero() {
		p.tokens = most
	} else {
		p.tokens = min(most, p.tokens+rate*now.Sub(p.at).Seconds())
	}
	p.at = now
	if p.tokens >= 1 {
		p.tokens--
		return true
	}
	*resume = now.Add(max(shortest/2, time.Duration((1-p.tokens)/rate*float64(time.Second))))
	return false
}
