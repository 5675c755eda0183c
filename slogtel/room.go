package slogtel

import (
	"log/slog"
	"sync"

	"github.com/slogtel/telemetry/internal/forward"
)

// inlineAttrs is how many attributes of an event a room has place for: the 13 of a
// timing in a trace, and as many more as a request of package httptel has.
const inlineAttrs = 24

// A room is where the attributes of one event are gathered. Where no reporter retains
// records it is also where the record has most of them, until it has been handled.
type room [inlineAttrs]slog.Attr

var roomPool = sync.Pool{New: func() any { return new(room) }}

func newRoom() *room { return roomPool.Get().(*room) }

// free gives r back. So many of its attributes, at most, were used.
func (r *room) free(used int) {
	clear(r[:min(used, inlineAttrs)]) // keep nothing alive
	roomPool.Put(r)
}

// RetainsRecords reports whether h may use a record, or a copy of it, after Handle has
// returned. It may, unless it has a method RetainsRecords() bool that returns false. Those
// of log/slog that write JSON and text do not retain records. Attributes and their values
// are always free to be kept. A struct that embeds a handler with the method counts as one
// that retains, as the method may be that handler's: keep it in a named field.
//
// [New] asks, once, each of its reporters: where none retains records, the memory of a
// record's attributes is used again for other events, and recording allocates less. A
// middleware has the method return what RetainsRecords says of the next handler.
func RetainsRecords(h slog.Handler) bool { return forward.Retains(h) }
