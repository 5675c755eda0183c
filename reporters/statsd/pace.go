package statsd

import "time"

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
