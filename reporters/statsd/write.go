package statsd

import (
	"errors"
	"fmt"
	"syscall"
	"time"
)

// maxTries is how often the writing of one packet may fail, each time over a new
// connection.
const maxTries = 3

// A packet is what one write hands to the socket: whole lines.
type packet struct {
	buf    []byte // each line with its newline
	events int64
	tries  int // failed writes
}

// sendQueued encodes what is queued and writes the packets that are full. It stops
// when the link is lost; then what is left stays where it is.
func (s *sender) sendQueued() {
	for s.encodeBatch() {
		if s.batch = s.queue.pop(); s.batch == nil {
			return
		}
	}
}

// sendAll sends all that is held anywhere.
func (s *sender) sendAll() {
	if !s.encodeSums() { // that are left over from the last time
		return
	}
	s.sums = s.collect(s.sums)
	s.sendQueued()
	if s.encodeSums() && s.encodePacked() && len(s.packet.buf) > 0 {
		s.writePacket()
	}
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
			ok = s.encodeSum(sum{it, 1})
		}
		if !ok {
			return false
		}
	}
	b.free()
	s.batch, s.next = nil, 0
	return s.link != nil
}

func (s *sender) encodeSum(x sum) bool {
	return s.encode(x.events, func(dst []byte) []byte { return x.appendLines(dst, s.absolute) })
}

// encodeSums encodes the sums, and reports whether it has come to their end.
func (s *sender) encodeSums() bool {
	for i, x := range s.sums {
		if !s.encodeSum(x) {
			s.sums = append(s.sums[:0], s.sums[i:]...)
			return false
		}
	}
	clear(s.sums)
	s.sums = s.sums[:0]
	if cap(s.sums) > maxKeptSums {
		s.sums = nil
	}
	return s.link != nil
}

// maxKeptSums is how much room for sums is kept for later.
const maxKeptSums = 1 << 14

// encode appends lines to the packet, and writes that before if they do not fit. It
// reports false when the link is lost, and the lines are not in the packet.
func (s *sender) encode(events int64, appendLines func(dst []byte) []byte) bool {
	if s.link == nil {
		return false
	}
	p := &s.packet
	for {
		start := len(p.buf)
		p.buf = appendLines(p.buf)
		if len(p.buf) <= s.max {
			p.events += events
			return true
		}
		p.buf = p.buf[:start]
		if start == 0 { // a number of hundreds of digits
			s.queue.dropped(events)
			return true
		}
		if !s.writePacket() {
			return false
		}
	}
}

// packValue keeps a value of a series for a line of several.
func (s *sender) packValue(it item) bool {
	x := it.series
	var room [maxValue]byte
	value := it.appendValue(room[:0])
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

// writePacket writes the packet, and reports false when the link is lost. Then the
// packet is kept, unless a part of it was written.
func (s *sender) writePacket() bool {
	select {
	case err := <-s.link.broken:
		s.lose(err)
		return false
	default:
	}
	p := &s.packet
	b := p.buf
	if !s.stream() {
		b = b[:len(b)-1]
	}
	n, err := s.writeOnce(b)
	if s.network == "udp" && errors.Is(err, syscall.ECONNREFUSED) {
		// Nothing was written: the error is about a packet before this one.
		s.takeBack(err)
		if s.refused() {
			return false
		}
		n, err = s.writeOnce(b)
	}
	switch {
	case err == nil:
		s.queue.sent(p.events, len(b))
		s.before.events, s.before.bytes = p.events, len(b)
		p.reset()
		return true
	case errors.Is(err, syscall.EMSGSIZE):
		s.problems.report(fmt.Errorf("statsd: MaxPacketSize is too large for this socket: %w", err))
		s.queue.dropped(p.events)
		p.reset()
		return true
	}
	p.tries++
	if n > 0 || p.tries == maxTries { // what was written in part would arrive twice
		s.queue.dropped(p.events)
		p.reset()
	}
	s.lose(err)
	return false
}

func (p *packet) reset() { p.buf, p.events, p.tries = p.buf[:0], 0, 0 }

func (s *sender) writeOnce(b []byte) (int, error) {
	if s.network != "udp" { // which never waits for its reader
		if err := s.link.conn.SetWriteDeadline(time.Now().Add(s.writeTimeout)); err != nil {
			return 0, err
		}
	}
	return s.link.conn.Write(b)
}

// takeBack counts the packet written last as dropped: it was refused.
func (s *sender) takeBack(err error) {
	s.problems.report(fmt.Errorf("statsd: nobody listens at %s: %w", s.endpoint.at(s.link.ip), err))
	s.queue.unsent(s.before.events, s.before.bytes)
	s.before.events, s.before.bytes = 0, 0
}
