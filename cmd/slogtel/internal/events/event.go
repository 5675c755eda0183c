// Package events reads telemetry events back from the lines in which they were shipped.
package events

import (
	"log/slog"
	"strings"
	"time"

	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/internal/tally"
	"github.com/slogtel/telemetry/slogtel"
)

// A Kind says which of the three messages an event has.
type Kind uint8

const (
	Timing  Kind = iota // slogtel.MessageTiming
	Metric              // slogtel.MessageMetric
	Summary             // slogtel.MessageSummary
)

// An Event is one telemetry event as read from a line of any of the schemas.
//
// An Event and all that it points to belong to the reader, which uses them again
// for the next line: what outlives the call it was handed to must be cloned.
// Scope, Parent, Type and the keys of Attrs are interned and may be kept.
type Event struct {
	Kind          Kind
	Time          time.Time // when it ended; of a summary: when its interval ended
	Level         slog.Level
	Scope, Parent string
	Depth         int
	Type          slogtel.MetricType
	SampleRate    float64 // from tally.MinRate to 1, where not sampled; see Weight

	// InSummary says that a summary counts this event too: what adds up both leaves it out.
	InSummary bool

	CallCount                     int64         // Timing
	NotCounted                    bool          // Timing: its program had more scopes than it counts calls of
	Duration                      time.Duration // Timing
	TraceID, SpanID, ParentSpanID string        // "" where the app had them off
	Error                         string        // Timing; "" when all went well
	Canceled                      bool          // Timing: it ended because others canceled its context, which is no error
	Unit                          string        // Metric and Summary: of its instrument; "" for none
	Value                         float64       // Metric: valid if Numeric
	Numeric                       bool
	Int                           int64    // Metric: the value, valid if Whole
	Whole                         bool     // Metric: the value is a whole number, and has an int64
	Text                          string   // Metric: the value as JSON, if not Numeric, or if it is whole and has no int64
	Totals                        *Totals  // Summary only
	Attrs                         []Attr   // the caller's own and raw_preview, groups flattened as "group.key"
	Source                        Position // where the line is
}

// Clone returns a copy that shares no memory with the reader.
func (e *Event) Clone() *Event {
	c := *e
	c.TraceID, c.SpanID, c.ParentSpanID = strings.Clone(e.TraceID), strings.Clone(e.SpanID), strings.Clone(e.ParentSpanID)
	c.Error, c.Text = strings.Clone(e.Error), strings.Clone(e.Text)
	if e.Totals != nil {
		t := *e.Totals
		if t.Sketch != nil {
			t.Sketch = t.Sketch.Clone()
		}
		c.Totals = &t
	}
	c.Attrs = make([]Attr, len(e.Attrs))
	for i, a := range e.Attrs {
		c.Attrs[i] = Attr{a.Key, strings.Clone(a.Value)}
	}
	return &c
}

// Start is when a timing began.
func (e *Event) Start() time.Time { return e.Time.Add(-e.Duration) }

// Failed reports whether the event is a timing that failed.
func (e *Event) Failed() bool { return e.Error != "" }

// An Attr is one of the caller's attributes. A string value is unquoted, any other is as in the JSON.
type Attr struct{ Key, Value string }

// Attr returns the value of the attribute with this key.
func (e *Event) Attr(key string) (value string, ok bool) {
	for i := range e.Attrs {
		if e.Attrs[i].Key == key {
			return e.Attrs[i].Value, true
		}
	}
	return "", false
}

// Weight is how many events e stands for: it may have been sampled.
func (e *Event) Weight() float64 {
	weight, _ := tally.Weight(e.SampleRate)
	return weight
}

// Totals are what a summary says of its interval. Timings are in seconds. Where it has no
// quantiles, as that of a gauge, the mean stands in for them.
type Totals struct {
	Interval                                      time.Duration
	Count, Errors                                 int64
	Sum, Min, Max, Mean, P50, P90, P95, P99, Last float64
	Sketch                                        *sketch.Sketch // of Count events; nil where the summary did not carry it; of a timing in nanoseconds
	NoSum                                         bool           // of a gauge: neither Sum nor Mean is known
}

// Events is how many events t is of. The Count is that, rounded, where they were sampled.
func (t *Totals) Events() float64 {
	if t.Sketch != nil {
		return t.Sketch.Count()
	}
	return tally.Events(t.Count, t.Sum, t.Mean)
}

// A Position is where a line is.
type Position struct {
	Input string // the name of the file, "-" for standard input
	Line  int64  // from 1
}

// Counts say what became of the lines: Read = Used + Filtered + Skipped + Bad + Twice.
type Counts struct {
	Bytes    int64 `json:"bytes"`
	Read     int64 `json:"read"`        // lines; empty ones are not counted, one that a shipper split counts once
	Used     int64 `json:"used"`        // events handed on
	Filtered int64 `json:"filtered"`    // events that were not asked for
	Skipped  int64 `json:"skipped"`     // lines that are no telemetry: an app's ordinary logs
	Bad      int64 `json:"bad"`         // torn or invalid lines
	Twice    int64 `json:"read_before"` // events that had been read before, see Options.Once

	Unknown int64  `json:"forgotten"` // of those used, the events that were forgotten again: were one to come twice it would not be known
	Looks   string `json:"-"`         // what an input is, if that is nothing to be read

	Outside Range `json:"-"` // of the events that were filtered out for their time
}

// Add adds those of another reader.
func (c *Counts) Add(o Counts) {
	c.Bytes += o.Bytes
	c.Read += o.Read
	c.Used += o.Used
	c.Filtered += o.Filtered
	c.Skipped += o.Skipped
	c.Bad += o.Bad
	c.Twice += o.Twice
	c.Unknown += o.Unknown
	if c.Looks == "" {
		c.Looks = o.Looks
	}
	c.Outside.Add(o.Outside)
}

// A Range is from the first of some moments to the last. The zero Range is empty.
type Range struct{ First, Last time.Time }

// Include adds a moment; the zero time is none.
func (r *Range) Include(t time.Time) {
	if t.IsZero() {
		return
	}
	if r.First.IsZero() || t.Before(r.First) {
		r.First = t
	}
	if t.After(r.Last) {
		r.Last = t
	}
}

// Add adds all of another.
func (r *Range) Add(o Range) {
	r.Include(o.First)
	r.Include(o.Last)
}

// A Sink takes events. Each worker of a parallel reader has a Sink of its own, so
// that it needs no lock.
type Sink interface {
	Event(e *Event)
}

// A ChunkSink is a Sink that is told when it has had all events of a chunk, which is a run
// of lines. Chunks are numbered from 0, in the order of the inputs and their lines.
type ChunkSink interface {
	Sink
	EndChunk(number int)
}

// A LineSink is a Sink that is shown each line but those that were filtered out, without what a shipper
// put around it, and before it gets an event of it. A line that is too long is nil. It is not to keep the line.
type LineSink interface {
	Sink
	Line(at Position, line []byte, v Verdict, err error)
}

// A Verdict is what a line is.
type Verdict uint8

const (
	IsSkipped Verdict = iota // no telemetry: an app's ordinary log
	IsEvent
	IsBad // torn or invalid
)
