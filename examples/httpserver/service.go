package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"time"

	"github.com/slogtel/telemetry/slogtel"
)

// service is the app. A nil tel is telemetry that is off.
type service struct {
	log    *slog.Logger
	tel    *slogtel.Telemetry
	client *http.Client
	stock  string // URL of the dependency
	rounds int    // of work
}

func (s *service) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /work", s.work)
	mux.HandleFunc("GET /items/{id}", s.item)
	mux.HandleFunc("POST /orders", s.order)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	return mux
}

// work computes, and does nothing else: neither telemetry of its own nor logs.
func (s *service) work(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, compute(s.rounds))
}

// item asks the slow dependency.
func (s *service) item(w http.ResponseWriter, r *http.Request) {
	text, err := s.fetch(r.Context(), s.stock+"/stock/"+r.PathValue("id"))
	if err != nil {
		s.log.ErrorContext(r.Context(), "no stock", "error", err)
		http.Error(w, "no stock", http.StatusBadGateway)
		return
	}
	s.tel.Count(r.Context(), "found", 1)
	_, _ = io.WriteString(w, text)
}

func (s *service) fetch(ctx context.Context, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s: %s", url, resp.Status)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return string(text), err
}

var errNoDatabase = errors.New("no database")

// order fails.
func (s *service) order(w http.ResponseWriter, r *http.Request) {
	err := s.tel.Time(r.Context(), "store", func(context.Context) error { return errNoDatabase })
	s.log.ErrorContext(r.Context(), "order lost", "error", err)
	http.Error(w, err.Error(), http.StatusInternalServerError)
}

// newDependency is a service that takes its time, in place of one that is elsewhere.
func newDependency() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stock/{id}", func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(20 * time.Millisecond):
			_, _ = fmt.Fprintf(w, "3 of %s\n", r.PathValue("id"))
		case <-r.Context().Done():
		}
	})
	return mux
}

// compute is the work: SHA-256 of a kilobyte, again and again.
func compute(rounds int) string {
	var block [1024]byte
	var sum [sha256.Size]byte
	for range rounds {
		sum = sha256.Sum256(block[:])
		copy(block[:], sum[:])
	}
	return hex.EncodeToString(sum[:])
}

// calibrate returns how many rounds take d when nothing else runs: the best of many
// short tries, since on a machine that is busy most are too slow.
func calibrate(d time.Duration) int {
	const rounds = 20
	best := time.Duration(math.MaxInt64)
	for range 500 {
		start := time.Now()
		compute(rounds)
		best = min(best, time.Since(start))
	}
	return max(1, int(rounds*d/max(1, best)))
}
