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
	rate  string // as it stands in a line; "": all events are sent
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
