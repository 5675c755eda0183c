package statsd

import "sync/atomic"

// A series is what the events of one kind with one name and one set of tags become.
type series struct {
	// Never changes.
	next  *series // with the same hash; guarded by the shard's mutex
	shard *shard
	hash  uint64
	key   string
	kind  kind
	head  string // of a line: before the value
	tail  string // of a line: after the value, with the newline
	size  int    // of a line with a common value
	cut   bool   // the name or the tags do not stand in the line as they are in the key
	lost  int    // tags that are left out, of each event

	gone atomic.Bool // forgotten, or the shard is closed: takes no event any more
	used atomic.Bool // since the last sweep

	// Guarded by the shard's mutex: what this interval has brought.
	dirty  bool // in the shard's list
	events int64
	sum    int64 // of a counter
	last   float64

	// The sender's own: values that are to go out in one line.
	packed       []byte // with a colon before each
	packedEvents int64
}

// A layout makes the series of a handler. It is immutable.
type layout struct {
	keyer
	dialect  *dialect
	prefix   string // with its dot
	constant []tag
	types    [kinds]string
	rates    [kinds]float64
	max      int  // bytes of a packet, with the newline of its last line
	line     int  // bytes of a line with a common number
	absolute bool // negative gauges need no zero before them
	unsent   int  // constant tags that this dialect cannot write
}

// newSeries lays out the series with this key. What does not fit in a packet is
// left out: tags first, the last ones before the first ones, then the end of the name.
func (l *layout) newSeries(hash uint64, key string) *series {
	kd, name, own := l.parse(key)
	x := &series{hash: hash, key: key, kind: kd, lost: l.unsent}
	room := l.line - maxValue
	if kd == gauge && !l.absolute {
		room = min(room, (l.max-maxValue-len("0\n"))/2)
	}
	x.lay(l, name, nil)
	if over := len(x.head) + len(x.tail) - room; over > 0 {
		name = name[:max(1, len(name)-over)]
		x.cut = true
		x.lay(l, name, nil)
	}
	all := append(l.constant[:len(l.constant):len(l.constant)], own...)
	var kept []tag
	for _, t := range all {
		x.lay(l, name, append(kept, t))
		if len(x.head)+len(x.tail) <= room {
			kept = append(kept, t)
			continue
		}
		x.cut = true
		x.lost++
	}
	x.lay(l, name, kept)
	return x
}

func (x *series) lay(l *layout, name string, tags []tag) {
	const commonValue = 8
	x.head = string(l.dialect.appendHead(append(make([]byte, 0, 256), l.prefix...), name, tags))
	x.tail = string(append(l.dialect.appendTail(make([]byte, 0, 256), l.types[x.kind], l.rates[x.kind], tags), '\n'))
	x.size = len(x.head) + commonValue + len(x.tail)
}
