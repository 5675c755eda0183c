package statsd

import (
	"errors"
	"fmt"
	"math"
	"syscall"
	"time"
)

const (
	// maxTries is how often the writing of one packet may fail, each time over a new
	// connection.
	maxTries = 3
	// maxKeptSums is how much memory for sums is kept for later.
	maxKeptSums = 1 << 14
	// zeroGap is the time on a stream between the zero of a negative gauge and its
	// value: telegraf reads the lines of a stream with several goroutines.
	zeroGap = 100 * time.Millisecond
)

// A packet is what one write hands to the socket: whole lines.
type packet struct {
	buf    []byte // each line with its newline
	events int64
	tries  int // failed writes
}

// step goes on with the flush that is under way, and reports whether it has come to
// its end: else the link is lost, or it is not time yet.
func (s *sender) step() bool {
	if len(s.negatives) > 0 && s.zeroLink != s.link { // the zeros went to another daemon
		s.sums = append(s.sums, s.negatives...)
		s.negatives, s.zeroAt = s.negatives[:0], time.Time{}
	}
	if !s.sendQueued() {
		return false
	}
	if s.zeroAt.IsZero() {
		if !s.encodeSums() || !s.encodePacked() || !s.encodeSelf() || !s.writeRest() {
			return false
		}
		if len(s.negatives) == 0 {
			return true
		}
		s.zeroAt = time.Now()
	}
	gap := zeroGap
	if !s.by.IsZero() {
		gap = min(gap, time.Until(s.by)/2)
	}
	if at := s.zeroAt.Add(gap); time.Now().Before(at) {
		s.resumeAt = at
		return false
	}
	for len(s.negatives) > 0 {
		x := s.negatives[0]
		if !s.encode(x.events, x.appendLine) {
			return false
		}
		s.negatives = s.negatives[1:]
	}
	if !s.writeRest() {
		return false
	}
	s.negatives, s.zeroAt = nil, time.Time{}
	return true
}

// writeRest writes the packet that is not full.
func (s *sender) writeRest() bool {
	return s.link != nil && (len(s.packet.buf) == 0 || s.writePacket())
}

// sendQueued encodes what is queued and writes the packets that are full. It reports
// false when it has to stop; then what is left stays where it is.
func (s *sender) sendQueued() bool {
	for s.encodeBatch() {
		if s.batch = s.queue.pop(); s.batch == nil {
			return true
		}
	}
	return false
}

// encodeBatch encodes the batch, and reports whether it has come to its end.
func (s *sender) encodeBatch() bool {
	b := s.batch
	if b == nil {
		return s.link != nil
	}
	for ; s.next < b.len(); s.next++ {
		ok := false
		if s.next >= len(b.items) {
			ok = s.encodeSum(b.sums[s.next-len(b.items)])
		} else if it := b.items[s.next]; s.pack {
			ok = s.packValue(it)
		} else {
			ok = s.encode(1, it.appendLine)
		}
		if !ok {
			return false
		}
	}
	b.free()
	s.batch, s.next = nil, 0
	return s.link != nil
}

// encodeSum encodes one value. Of a negative gauge on a stream it is the zero only.
func (s *sender) encodeSum(x sum) bool {
	if s.absolute || x.series.kind != gauge || !(math.Float64frombits(x.bits) < 0) {
		return s.encode(x.events, x.appendLine)
	}
	if s.link == nil || !s.link.lines() {
		return s.encode(x.events, func(dst []byte) []byte { return x.appendLine(x.appendZero(dst)) })
	}
	if !s.encode(0, x.appendZero) {
		return false
	}
	s.negatives, s.zeroLink = append(s.negatives, x), s.link
	return true
}

// encodeSums encodes the sums, and reports whether it has come to their end.
func (s *sender) encodeSums() bool {
	for ; s.nextSum < len(s.sums); s.nextSum++ {
		if !s.encodeSum(s.sums[s.nextSum]) {
			return false
		}
	}
	clear(s.sums)
	s.sums, s.nextSum = s.sums[:0], 0
	if cap(s.sums) > maxKeptSums {
		s.sums = nil
	}
	return s.link != nil
}

// encode appends lines to the packet, and writes that before if they do not fit. It
// reports false when it has to stop, and the lines are not in the packet.
func (s *sender) encode(events int64, appendLines func(dst []byte) []byte) bool {
	p := &s.packet
	for s.link != nil {
		start := len(p.buf)
		p.buf = appendLines(p.buf)
		if len(p.buf) <= s.max {
			p.events += events
			return true
		}
		p.buf = p.buf[:start]
		if start == 0 { // a number of hundreds of digits
			s.queue.gaveUp(0, events, 0)
			return true
		}
		if !s.writePacket() {
			return false
		}
	}
	return false
}

// packValue keeps a value of a series for a line of several.
func (s *sender) packValue(it item) bool {
	x := it.series
	var scratch [maxValue]byte
	value := it.appendValue(scratch[:0])
	if len(x.head)+len(x.packed)+len(value)+len(x.tail) > s.line && !s.encodeSeries(x) {
		return false
	}
	if x.packedEvents == 0 {
		s.packed = append(s.packed, x)
	}
	x.packed = append(append(x.packed, ':'), value...)
	x.packedEvents++
	return true
}

// encodeSeries encodes the values that were kept of a series.
func (s *sender) encodeSeries(x *series) bool {
	if x.packedEvents == 0 {
		return s.link != nil
	}
	if !s.encode(x.packedEvents, func(dst []byte) []byte {
		return append(append(append(dst, x.head...), x.packed[1:]...), x.tail...)
	}) {
		return false
	}
	x.packed, x.packedEvents = x.packed[:0], 0
	return true
}

// encodePacked encodes the values that were kept of all series.
func (s *sender) encodePacked() bool {
	for i, x := range s.packed {
		if !s.encodeSeries(x) {
			s.packed = append(s.packed[:0], s.packed[i:]...)
			return false
		}
	}
	clear(s.packed)
	s.packed = s.packed[:0]
	return true
}

// writePacket writes the packet, and reports false when the link is lost or it is not
// time yet. Then the packet is kept, unless a part of it was written.
func (s *sender) writePacket() bool {
	select {
	case err := <-s.link.broken:
		s.lose(err)
		return false
	default:
	}
	if s.link.udp && !s.mayWrite() {
		return false
	}
	p := &s.packet
	n, err := s.link.write(p.buf, s.writeTimeout)
	if s.link.udp && errors.Is(err, syscall.ECONNREFUSED) {
		// Nothing was written: the error is about a packet before this one.
		s.takeBack(err)
		if s.refused() {
			return false
		}
		n, err = s.link.write(p.buf, s.writeTimeout)
	}
	if err == nil && s.link.unproven {
		if refusal := s.link.prove(); refusal != nil {
			s.nobodyListens(refusal)
			s.tokens++
			if s.refused() {
				return false // the next address gets the packet
			}
		}
	}
	switch {
	case err == nil:
		size := len(p.buf)
		if !s.link.lines() {
			size--
		}
		s.queue.sent(1, p.events, int64(size))
		s.before.events, s.before.bytes = p.events, size
		p.reset()
		return true
	case errors.Is(err, syscall.EMSGSIZE):
		s.problems.report(fmt.Errorf("statsd: MaxPacketSize is too large for this socket: %w", err))
		s.queue.gaveUp(1, p.events, int64(len(p.buf)))
		p.reset()
		return true
	}
	p.tries++
	if n > 0 || p.tries >= max(maxTries, len(s.ips)) { // what was written in part would arrive twice
		s.queue.gaveUp(1, p.events, int64(len(p.buf)))
		p.reset()
	}
	s.lose(err)
	return false
}

func (p *packet) reset() { p.buf, p.events, p.tries = p.buf[:0], 0, 0 }

// takeBack counts the packet written last as dropped: it was refused.
func (s *sender) takeBack(err error) {
	s.nobodyListens(err)
	events, bytes := s.before.events, int64(s.before.bytes)
	s.queue.sent(-1, -events, -bytes)
	s.queue.gaveUp(1, events, bytes)
	s.before.events, s.before.bytes = 0, 0
}

func (s *sender) nobodyListens(err error) {
	s.problems.report(fmt.Errorf("statsd: nobody listens at %s: %w", s.endpoint.at(s.link.ip), err))
}
