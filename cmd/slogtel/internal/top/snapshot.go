//go:build !js

package top

import (
	"context"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

// A source knows what has happened in the last minute.
type source interface {
	// snapshot returns what is known now. That something cannot be read is said in it.
	snapshot(ctx context.Context) *snapshot
}

// A snapshot is what is shown of one moment, and the JSON of --json. Durations are in seconds. A quantile is
// nil where there was nothing.
type snapshot struct {
	Source     string     `json:"source"`
	Time       time.Time  `json:"time"`              // at which the last minute ends
	Seconds    float64    `json:"seconds"`           // that are known of this minute
	LastEvent  *float64   `json:"last_event_s"`      // how long ago the last event came, or happened
	Problem    string     `json:"problem,omitempty"` // why there is nothing new
	Notes      text.Notes `json:"notes,omitempty"`   // what the figures leave out
	Scopes     []scope    `json:"scopes"`
	Open       []open     `json:"open"` // null: the source does not know; the oldest first, those inside of one after it
	OpenCount  int64      `json:"open_count"`
	Counters   []metric   `json:"counters"`
	Gauges     []metric   `json:"gauges"`
	Histograms []metric   `json:"histograms"`
}

// A scope has the figures of the last minute.
type scope struct {
	Scope  string   `json:"scope"`
	Calls  int64    `json:"calls"`
	Rate   float64  `json:"rate"` // calls a second
	Errors int64    `json:"errors"`
	P50    *float64 `json:"p50"`
	P95    *float64 `json:"p95"`
	P99    *float64 `json:"p99"`
	Max    *float64 `json:"max"`
}

// An open is a scope that has not ended.
type open struct {
	Scope string  `json:"scope"`
	Depth int     `json:"depth"` // among those that are listed
	AgeS  float64 `json:"age_s"`
	Attrs string  `json:"attrs,omitempty"`
	Error string  `json:"error,omitempty"`
}

// A metric has the rate of a counter, the last value of a gauge, or the distribution of a histogram.
type metric struct {
	Name string   `json:"name"`
	Unit string   `json:"unit,omitempty"`
	Rate *float64 `json:"rate,omitempty"` // a second
	Last *float64 `json:"last,omitempty"`
	P50  *float64 `json:"p50,omitempty"`
	P95  *float64 `json:"p95,omitempty"`
	P99  *float64 `json:"p99,omitempty"`
}
