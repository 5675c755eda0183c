package services

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/slogtel/telemetry/slogtel"
)

// later has a feed refreshed by the worker. The row of the job has the trace of the request.
func (s *feeds) later(r *http.Request) (any, error) {
	f, err := s.load(r)
	if err != nil {
		return nil, err
	}
	headers := map[string]string{}
	slogtel.Inject(r.Context(), func(key, value string) { headers[key] = value })
	text, err := json.Marshal(headers)
	if err != nil {
		return nil, err
	}
	_, err = s.db.ExecContext(r.Context(), "INSERT INTO jobs (feed_id, request, headers) VALUES ($1, $2, $3)", f.ID, r.Header.Get(requestID), text)
	return "queued", err
}

// work does the jobs that there are, until ctx is done and none is left. Each is a scope, a child of
// the request that asked for it.
func (s *feeds) work(ctx context.Context, tel *slogtel.Telemetry) error {
	for {
		stopped := ctx.Err() != nil
		found, err := s.next(context.WithoutCancel(ctx), tel)
		switch {
		case err != nil:
			return err
		case found:
		case stopped:
			return nil
		default:
			select {
			case <-ctx.Done():
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
}

func (s *feeds) next(ctx context.Context, tel *slogtel.Telemetry) (found bool, err error) {
	var f feed
	var request string
	var text []byte
	err = s.db.QueryRowContext(ctx, `DELETE FROM jobs WHERE id = (SELECT id FROM jobs ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
		RETURNING feed_id, request, headers`).Scan(&f.ID, &request, &text)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var headers map[string]string
	if err := json.Unmarshal(text, &headers); err != nil {
		return false, err
	}
	ctx = slogtel.Extract(ctx, func(key string) string { return headers[key] })
	_ = tel.Time(ctx, "job.refresh", func(ctx context.Context) error {
		s.log.InfoContext(ctx, "refreshes", "job", request)
		err := s.db.QueryRowContext(ctx, "SELECT url FROM feeds WHERE id = $1", f.ID).Scan(&f.URL)
		if errors.Is(err, sql.ErrNoRows) {
			return nil // it was removed meanwhile
		}
		if err == nil {
			_, err = s.store(ctx, f, request)
		}
		return err
	})
	return true, nil
}
