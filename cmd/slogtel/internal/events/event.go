// Package events reads telemetry events back from the lines in which they were shipped.
package events

import (
	"time"

	"github.com/slogtel/telemetry/internal/sketch"
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
	Scope, Parent string
	Depth         int
	Type          slogtel.MetricType
	SampleRate    float64 // in (0, 1]: the event stands for 1/SampleRate events; 1 where not sampled

	CallCount                     int64         // Timing
	Duration                      time.Duration // Timing
	TraceID, SpanID, ParentSpanID string        // "" where the app had them off
	Error                         string        // Timing; "" when all went well
	Value                         float64       // Metric: valid if Numeric
	Numeric                       bool
	Text                          string   // Metric: the value as JSON, if not Numeric
	Totals                        *Totals  // Summary only
	Attrs                         []Attr   // the caller's own, groups flattened as "group.key"
	Source                        Position // where the line is
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

// Totals are what a summary says of its interval. Timings are in seconds.
type Totals struct {
	Interval                                      time.Duration
	Count, Errors                                 int64
	Sum, Min, Max, Mean, P50, P90, P95, P99, Last float64
	Sketch                                        *sketch.Sketch // nil where the summary did not carry it
}

// A Position is where a line is.
type Position struct {
	Input string // the name of the file, "-" for standard input
	Line  int64  // from 1
}

// Counts say what became of the lines: Read = Used + Filtered + Skipped + Bad.
type Counts struct {
	Bytes    int64
	Read     int64 // lines, empty ones not counted
	Used     int64 // events handed on
	Filtered int64 // events that were not asked for
	Skipped  int64 // lines that are no telemetry: an app's ordinary logs
	Bad      int64 // torn or invalid lines
}

// A Sink takes events. Each worker of a parallel reader has a Sink of its own, so
// that it needs no lock.
type Sink interface {
	Event(e *Event)
}
