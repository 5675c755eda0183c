package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/slogtel/telemetry/handlers"
	"github.com/slogtel/telemetry/reporters/console"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/reporters/statsd"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/preview"
)

// observation is all that watches the run: the app's own log, and the telemetry
// with its reporters.
type observation struct {
	log      *slog.Logger // goes where the console view goes
	tel      *slogtel.Telemetry
	memory   *memory.Handler // durations are in every result
	file     *os.File        // nil: telemetry is off
	statsd   *statsd.Handler // nil: no daemon is wanted
	previews *preview.Previewer
}

func observe(o options, s *screen) (*observation, error) {
	var console slog.Handler = console.New(s, &console.Options{TimeFormat: "15:04:05.000"})
	if o.quiet {
		console = slog.DiscardHandler
	}
	previews := preview.Options{OnError: func(err error) { slog.New(console).Warn(err.Error()) }}
	if o.rawPreview {
		previews.Mode = preview.On
	}
	obs := &observation{log: slog.New(console), memory: memory.New(nil), previews: preview.New(&previews)}
	var once sync.Once // the first thing that goes wrong with the telemetry is logged; close counts them all
	opts := slogtel.Options{Mode: slogtel.On, TraceIDs: true, OnError: func(ctx context.Context, err error) {
		once.Do(func() { obs.log.ErrorContext(ctx, "telemetry", slog.String("error", err.Error())) })
	}}
	if o.telemetry == telemetryOff {
		obs.tel = slogtel.New(&opts, obs.memory)
		return obs, nil
	}
	if !o.verbose {
		console = handlers.Filter((&overview{log: obs.log}).has)(console)
	}
	all := []slog.Handler{console, obs.memory}
	var err error
	if o.statsd != "" {
		if obs.statsd, err = newStatsD(o.statsd); err != nil {
			return nil, err
		}
		all = append(all, obs.statsd)
	}
	if obs.file, err = os.OpenFile(o.telemetry, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o640); err != nil {
		if obs.statsd != nil {
			err = errors.Join(err, obs.statsd.Shutdown(context.Background()))
		}
		return nil, err
	}
	obs.tel = slogtel.New(&opts, append(all, jsonlines.New(obs.file, nil))...)
	return obs, nil
}

// shownBatches is how many batches that went well are shown without -v.
const shownBatches = 8

// overview decides what is shown without -v: the scopes, but for those that come in the
// hundreds, and no metrics. Of files the failures are shown, and of batches the first
// ones, too; of requests the log tells why one is tried again.
type overview struct {
	log     *slog.Logger
	batches atomic.Int64
}

func (o *overview) has(_ context.Context, r slog.Record) bool {
	t, ok := slogtel.DecodeTiming(r)
	switch t.Scope[strings.LastIndexByte(t.Scope, '.')+1:] {
	case "file":
		return t.Error != ""
	case "request", "backoff", "cache_create", "cache_delete":
		return false
	case "batch":
		if t.Error != "" {
			return true
		}
		n := o.batches.Add(1)
		if n == shownBatches+1 {
			o.log.Info("more batches are not shown without -v")
		}
		return n <= shownBatches
	}
	return ok
}

// addTo puts into the envelope what only the telemetry knows. It comes when all work
// is done: what is still on its way to the daemon is sent first.
func (obs *observation) addTo(e *envelope, o options) {
	snapshot := obs.memory.Snapshot()
	e.Metrics.Durations = make(map[string]float64, len(snapshot.Scopes)) // of all calls of a scope
	for _, scope := range snapshot.Scopes {
		e.Metrics.Durations[scope.Scope] += scope.TotalSeconds
	}
	if obs.file != nil {
		e.Metrics.Memory = &snapshot
	}
	if obs.statsd != nil {
		e.Metrics.StatsD = forwardedBy(obs.statsd, o.statsd)
	}
}

// close ends the telemetry. It returns an error when events did not get everywhere.
func (obs *observation) close() error {
	if err := obs.tel.Shutdown(context.Background()); err != nil || obs.file == nil {
		return err
	}
	lost := int64(0)
	for _, r := range obs.tel.Stats().Reporters {
		lost += r.Errors
	}
	if err := obs.file.Close(); err != nil {
		return err
	}
	if lost > 0 {
		return fmt.Errorf("telemetry: %d events did not get everywhere", lost)
	}
	return nil
}

// level is a gauge that many goroutines move. The events go out in the order of
// the moves, so that the last one tells how things stand: an atomic number would
// not do, as a goroutine could be overtaken between the move and its event.
type level struct {
	tel  *slogtel.Telemetry
	name string

	mu  sync.Mutex
	n   int
	max int // the highest so far
}

func (l *level) add(ctx context.Context, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n += n
	l.max = max(l.max, l.n)
	l.tel.Gauge(ctx, l.name, float64(l.n))
}
