package statsd

import "time"

// Stats accounts for every event that was handed to a handler or to one derived
// from it. An event is a telemetry record.
type Stats struct {
	// Each event is in exactly one of these.
	Sent       int64 // taken by the kernel, in a metric of its own or in a sum
	Pending    int64 // held, queued or being sent
	Dropped    int64 // lost: the queue was full, the daemon refused it, or it came after Shutdown
	Skipped    int64 // has no StatsD form: no number or none of the dialect's types, a telemetry.summary or what one has counted, a sample_rate under 1e-6
	SampledOut int64 // left out by Options.SampleRates
	Overflowed int64 // of a new series when there were Options.MaxSeries already

	// What was not written as it was given.
	Truncated   int64 // events whose name or tag was cut, or had to be left out for want of room
	DroppedTags int64 // tags left out: the dialect has none, or there was no value or no room

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

// stats takes one consistent picture: it stops everything for the moment.
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
		if sh.batch != nil {
			s.Pending += sh.batch.events
		}
		s.Dropped += sh.counts.dropped
		s.Skipped += sh.counts.skipped
		s.Overflowed += sh.counts.overflowed
		s.Truncated += sh.counts.truncated
		s.DroppedTags += sh.counts.tags
	}
	p := &c.problems
	p.mu.Lock()
	defer p.mu.Unlock()
	s.Errors, s.LastError, s.LastErrorTime = p.count, p.last, p.at
	return s
}
