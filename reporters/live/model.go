package live

import "time"

// Schema is the version of the JSON. It changes when a member is renamed or taken away, not when
// one is added.
const Schema = 1

// A Page is what the JSON has, and what is shown. Durations are in seconds.
type Page struct {
	Schema     int              `json:"schema"`
	Title      string           `json:"title"`
	Time       time.Time        `json:"time"`
	UptimeS    float64          `json:"uptime_s"` // since New
	Ended      bool             `json:"ended"`    // Shutdown was called
	PID        int              `json:"pid"`
	GoVersion  string           `json:"go_version"`
	Open       []*Open          `json:"open"`       // root scopes, the oldest first
	OpenCount  int64            `json:"open_count"` // also of those that are not listed
	Scopes     []Scope          `json:"scopes"`     // by path
	Counters   []Metric         `json:"counters"`
	Gauges     []Metric         `json:"gauges"`
	Histograms []Metric         `json:"histograms"`
	Slow       []*Trace         `json:"slow"`   // the slowest first
	Failed     []*Trace         `json:"failed"` // the last one first
	Stats      map[string]Attrs `json:"stats"`  // by name; "live" is this handler
}

// An Open is a scope that has not ended.
type Open struct {
	Scope    string    `json:"scope"`
	Start    time.Time `json:"start"`
	AgeS     float64   `json:"age_s"`
	Attrs    Attrs     `json:"attrs,omitempty"` // so far
	Error    string    `json:"error,omitempty"` // so far
	Children []*Open   `json:"children,omitempty"`
}

// A Scope has the figures of one path.
type Scope struct {
	Scope   string            `json:"scope"`
	Parent  string            `json:"parent"`
	Depth   int               `json:"depth"`
	Calls   int64             `json:"calls"` // since New
	Errors  int64             `json:"errors"`
	Windows map[string]Window `json:"windows"` // "1m", "10m", "1h"
}

// A Window has the figures of a span of time that ends now. Of a scope the values are
// seconds, of a histogram those that were recorded. The quantiles are off by 1 % at most.
type Window struct {
	Seconds float64  `json:"seconds"` // how long the span is in fact
	Calls   int64    `json:"calls"`
	Errors  int64    `json:"errors"`
	Rate    float64  `json:"rate"` // calls a second, of a second at least
	Mean    *float64 `json:"mean"` // null, as the next ones, if there was no call
	P50     *float64 `json:"p50"`
	P90     *float64 `json:"p90"`
	P95     *float64 `json:"p95"`
	P99     *float64 `json:"p99"`
	Max     *float64 `json:"max"`
}

// A Metric is a counter, a gauge or a histogram.
type Metric struct {
	Name    string            `json:"name"`
	Unit    string            `json:"unit,omitempty"`
	Total   *float64          `json:"total,omitempty"` // of a counter, since New
	Rate    *float64          `json:"rate,omitempty"`  // of a counter, a second, in the last minute
	Last    *float64          `json:"last,omitempty"`  // of a gauge, as the next ones
	Min     *float64          `json:"min,omitempty"`   // since New
	Max     *float64          `json:"max,omitempty"`
	Points  []*float64        `json:"points,omitempty"`  // a number for each 10 s of the last ten minutes, the oldest first; null: none
	Windows map[string]Window `json:"windows,omitempty"` // of a histogram
}

// A Trace is a root scope that has ended.
type Trace struct {
	ID        string    `json:"id"` // for ?trace=ID
	Scope     string    `json:"scope"`
	Start     time.Time `json:"start"`
	DurationS float64   `json:"duration_s"`
	Failed    bool      `json:"failed"`          // it, or a scope inside it
	Errors    int       `json:"errors"`          // scopes that failed
	Error     string    `json:"error,omitempty"` // of the root, or else of the first inside it
	TraceID   string    `json:"trace_id,omitempty"`
	CutEvents int       `json:"cut_events,omitempty"` // that had no room
	Root      *Node     `json:"root,omitempty"`       // absent in lists
}

// A Node is a scope in a trace, or something that happened in one.
type Node struct {
	Kind      string  `json:"kind"` // scope, log, counter, gauge, histogram, metric
	Name      string  `json:"name"` // path, or the message of a log
	StartS    float64 `json:"start_s"`
	DurationS float64 `json:"duration_s,omitempty"` // of a scope
	Level     string  `json:"level,omitempty"`      // of a log
	Error     string  `json:"error,omitempty"`
	Value     any     `json:"value,omitempty"` // of a metric
	Unit      string  `json:"unit,omitempty"`
	SpanID    string  `json:"span_id,omitempty"`
	Attrs     Attrs   `json:"attrs,omitempty"`
	Children  []*Node `json:"children,omitempty"`
}
