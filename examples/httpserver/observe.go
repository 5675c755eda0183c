package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/slogtel/telemetry/handlers"
	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/console"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/reporters/statsd"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
)

// observation is all that watches the service: its log, and the telemetry.
type observation struct {
	log  *slog.Logger
	tel  *slogtel.Telemetry // nil: bare
	file *jsonlines.File
	udp  *statsd.Handler
}

func observe(o options, errOut io.Writer) (*observation, error) {
	level := slog.LevelInfo
	if o.quiet {
		level = slog.LevelWarn
	}
	console := console.New(errOut, &console.Options{Level: level})
	obs := &observation{log: slog.New(handlers.Scope()(console))}
	switch o.mode {
	case "bare":
		return obs, nil
	case "off":
		obs.tel = slogtel.Disabled()
		return obs, nil
	}
	var all []slog.Handler
	if !o.quiet { // telemetry is no warning
		all = append(all, console)
	}
	var err error
	if o.json != "" {
		// Lines are gathered, and written a second later at the latest.
		opts := &jsonlines.FileOptions{BufferSize: 256 << 10, FlushInterval: time.Second}
		if obs.file, err = jsonlines.Open(o.json, opts); err != nil {
			return nil, err
		}
		var lines slog.Handler = obs.file
		if o.aggregate > 0 {
			lines = aggregate.New(obs.file, &aggregate.Options{Interval: o.aggregate, MaxPassed: 10})
		}
		all = append(all, lines)
	}
	if o.statsd != "" {
		if obs.udp, err = statsd.New(o.statsd, &statsd.Options{Prefix: "httpserver", MaxPacketSize: o.packet}); err != nil {
			return nil, err
		}
		all = append(all, obs.udp) // it sums up by itself
	}
	obs.tel = slogtel.New(&slogtel.Options{Mode: slogtel.On, StrictScopes: slogtel.On, TraceIDs: true}, all...)
	return obs, nil
}

// server puts the line for a server around h.
func (obs *observation) server(h *http.ServeMux) http.Handler {
	if obs.tel == nil {
		return h
	}
	return httptel.NewMiddleware(obs.tel, &httptel.ServerOptions{
		Filter: func(r *http.Request) bool { return r.URL.Path != "/healthz" },
	})(h)
}

// client puts the line for a client around rt.
func (obs *observation) client(rt http.RoundTripper) http.RoundTripper {
	if obs.tel == nil {
		return rt
	}
	return httptel.NewTransport(rt, obs.tel, &httptel.ClientOptions{Timings: true})
}

// close sends what is left, and tells what became of the events.
func (obs *observation) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err := obs.tel.Shutdown(ctx)
	if obs.file != nil {
		s := obs.file.Stats()
		obs.log.Warn("telemetry in the file", "lines", s.Lines, "dropped", s.Dropped)
	}
	if obs.udp != nil {
		s := obs.udp.Stats()
		obs.log.Warn("telemetry to statsd", "events", s.Events(), "sent", s.Sent, "dropped", s.Dropped, "skipped", s.Skipped)
	}
	return err
}
