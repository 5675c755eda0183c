package statsd

import (
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Stats accounts for every event that was handed to a handler or to one derived
// from it. An event is a telemetry record.
type Stats struct {
	// Each event is in exactly one of these.
	Sent       int64 // taken by the kernel, in a metric of its own or in a sum
	Pending    int64 // held, queued or being sent
	Dropped    int64 // lost: the queue was full, the daemon refused it, no name was left for it, or it came after Shutdown
	Skipped    int64 // has no StatsD form: no number or none of the dialect's types, a telemetry.summary or what one has counted, a sample_rate under 1e-6
	SampledOut int64 // left out by Options.SampleRates
	Overflowed int64 // of a new series when there were Options.MaxSeries already

	// What was not written as it was given.
	Truncated   int64 // events whose name or tag was cut, or had to be left out for want of room
	DroppedTags int64 // tags left out: the dialect has none, or there was no value or no room
	Renamed     int64 // events sent under another name, since a metric of another kind has theirs

	Packets  int64 // taken by the kernel
	Bytes    int64 // in these
	Series   int64 // known now
	Connects int64 // sockets opened

	Errors        int64 // look-ups, connections and writes that failed; intervals with losses
	LastError     error // nil: none
	LastErrorTime time.Time
}

// Events is the number of events handed over so far.
func (s Stats) Events() int64 {
	return s.Sent + s.Pending + s.Dropped + s.Skipped + s.SampledOut + s.Overflowed
}

// stats counts each event once. Counters go on meanwhile.
func (c *client) stats() Stats {
	for i := range c.shards {
		c.shards[i].mu.Lock()
		defer c.shards[i].mu.Unlock()
	}
	c.queue.mu.Lock()
	defer c.queue.mu.Unlock()
	s := Stats{
		Sent:       c.queue.totals.sent,
		Pending:    c.queue.waiting,
		Dropped:    c.queue.totals.dropped,
		Skipped:    c.skipped.Load(),
		SampledOut: c.sampledOut.Load(),
		Packets:    c.queue.totals.packets,
		Bytes:      c.queue.totals.bytes,
		Series:     c.series.Load(),
		Connects:   c.connects.Load(),
	}
	for i := range c.shards {
		sh := &c.shards[i]
		s.Pending += sh.counts.held
		for _, x := range sh.dirty {
			s.Pending += x.words.events()
		}
		if sh.batch != nil {
			s.Pending += sh.batch.events
		}
		s.Dropped += sh.counts.dropped
		s.Skipped += sh.counts.skipped
		s.Overflowed += sh.counts.overflowed
		s.Truncated += sh.counts.truncated
		s.DroppedTags += sh.counts.tags
		s.Renamed += sh.counts.renamed
	}
	p := &c.problems
	p.mu.Lock()
	defer p.mu.Unlock()
	s.Errors, s.LastError, s.LastErrorTime = p.count, p.last, p.at
	return s
}

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
