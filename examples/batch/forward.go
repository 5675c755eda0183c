package main

import (
	"context"

	"github.com/slogtel/telemetry/reporters/statsd"
)

// newStatsD returns the handler that sends the telemetry to a daemon. What the daemon does
// not take is counted, and does not fail the run.
func newStatsD(address string) (*statsd.Handler, error) {
	h, err := statsd.New(address, &statsd.Options{
		Prefix:  "batch",
		OnError: func(error) {}, // the report has the last one
	})
	if err != nil {
		return nil, usageError{err}
	}
	return h, nil
}

// forwarded accounts for each event: it is in one of the counts up to Overflowed.
type forwarded struct {
	Address    string `json:"address"`
	Events     int64  `json:"events"`
	Sent       int64  `json:"sent"`
	Dropped    int64  `json:"dropped"`
	Skipped    int64  `json:"skipped"`
	SampledOut int64  `json:"sampled_out"`
	Overflowed int64  `json:"overflowed"`
	Packets    int64  `json:"packets"`
	Errors     int64  `json:"errors"`
	LastError  string `json:"last_error,omitempty"`
}

// forwardedBy sends what h still holds, and returns what became of all events.
func forwardedBy(h *statsd.Handler, address string) *forwarded {
	_ = h.Shutdown(context.Background()) // the counts say what its error does
	s := h.Stats()
	sum := &forwarded{
		Address: address, Events: s.Events(), Sent: s.Sent, Dropped: s.Dropped, Skipped: s.Skipped,
		SampledOut: s.SampledOut, Overflowed: s.Overflowed, Packets: s.Packets, Errors: s.Errors,
	}
	if s.LastError != nil {
		sum.LastError = s.LastError.Error()
	}
	return sum
}
