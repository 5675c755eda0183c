package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	slogtelprom "github.com/slogtel/telemetry/reporters/prometheus"
	"github.com/slogtel/telemetry/slogtel"
)

// service counts the words of texts.
type service struct {
	log  *slog.Logger
	tel  *slogtel.Telemetry
	busy atomic.Int64
}

// newService returns the service with its /metrics. Its log goes to w.
func newService(w io.Writer) (http.Handler, error) {
	registry := prometheus.NewRegistry()
	metrics, err := slogtelprom.New(registry, &slogtelprom.Options{
		Namespace: "words",
		LabelKeys: []string{"format"}, // never an id, nor what a user sends
	})
	if err != nil {
		return nil, err
	}
	// The handler takes telemetry and ignores ordinary logs, so that it can stand in
	// the app's own fan-out, beside what the app logs to.
	fanout := slog.NewMultiHandler(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelWarn}), metrics)
	s := &service{
		log: slog.New(fanout),
		tel: slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, fanout),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /count", s.count)
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	return mux, nil
}

var errNoText = errors.New("no text")

func (s *service) count(w http.ResponseWriter, r *http.Request) {
	ctx, span := s.tel.Start(r.Context(), "count", slog.String("format", "plain"))
	defer span.End()
	s.tel.Gauge(ctx, "busy", float64(s.busy.Add(1)))
	defer func() { s.tel.Gauge(ctx, "busy", float64(s.busy.Add(-1))) }()

	text := r.FormValue("text")
	if text == "" {
		span.Fail(errNoText)
		s.log.WarnContext(ctx, "refused", slog.String("error", errNoText.Error()))
		http.Error(w, "give ?text=", http.StatusBadRequest)
		return
	}
	n := len(strings.Fields(text))
	s.tel.Count(ctx, "found", int64(n))
	s.tel.Histogram(ctx, "text_bytes", float64(len(text)))
	fmt.Fprintln(w, n)
}
