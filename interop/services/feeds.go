package services

import (
	"context"
	"database/sql"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/slogtel/telemetry/slogtel/httptel"
)

const feedsSchema = `
CREATE TABLE feeds (id SERIAL PRIMARY KEY, url TEXT UNIQUE NOT NULL, title TEXT NOT NULL DEFAULT '');
CREATE TABLE items (id SERIAL PRIMARY KEY, feed_id INTEGER NOT NULL REFERENCES feeds ON DELETE CASCADE,
	guid TEXT NOT NULL, title TEXT NOT NULL, UNIQUE (feed_id, guid));
CREATE TABLE jobs (id SERIAL PRIMARY KEY, feed_id INTEGER NOT NULL, request TEXT NOT NULL, headers JSONB NOT NULL);`

// feeds is the app. Its handler, its database and its client were wrapped where they were made.
type feeds struct {
	db     *sql.DB
	client *http.Client
	log    *slog.Logger
}

type feed struct {
	ID    int    `json:"id"`
	URL   string `json:"url"`
	Title string `json:"title"`
}

// statusError is an answer that is not 200.
type statusError int

func (s statusError) Error() string { return http.StatusText(int(s)) }

// routes are a mux for the whole, one for the API behind a middleware, and one for what its operators
// see, which has the paths below its prefix. httptel.Mux has them seen where it cannot ask them itself.
func (s *feeds) routes() *http.ServeMux {
	admin := http.NewServeMux() // takes what is below /v1/admin
	admin.Handle("GET /counts", s.answer(s.counts))
	admin.Handle("GET /broken", s.answer(s.broken))
	admin.Handle("POST /panic", s.answer(func(*http.Request) (any, error) { panic("a bug") }))

	api := http.NewServeMux()
	api.Handle("/v1/admin/", http.StripPrefix("/v1/admin", httptel.Mux(admin)))
	api.Handle("GET /v1/feeds", s.answer(s.list))
	api.Handle("POST /v1/feeds", s.answer(s.add))
	api.Handle("GET /v1/feeds/{id}", s.answer(s.show))
	api.Handle("DELETE /v1/feeds/{id}", s.answer(s.remove))
	api.Handle("GET /v1/feeds/{id}/items", s.answer(s.items))
	api.Handle("POST /v1/feeds/{id}/refresh", s.answer(s.refresh))
	api.Handle("POST /v1/feeds/{id}/later", s.answer(s.later))

	outer := http.NewServeMux()
	outer.Handle("/v1/", session(httptel.Mux(api)))
	outer.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	return outer
}

type userKey struct{}

// session hands a new request on, as middleware does.
func session(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), userKey{}, r.Header.Get(requestID))))
	})
}

// answer writes what a handler returns, and a line of the log.
func (s *feeds) answer(handle func(*http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(requestID)
		s.log.DebugContext(r.Context(), "begins", "request", id)
		body, err := handle(r)
		code := http.StatusOK
		if status := statusError(0); errors.As(err, &status) {
			code = int(status)
		} else if err != nil {
			code = http.StatusInternalServerError
		}
		s.log.InfoContext(r.Context(), "answered", "request", id, "status", code, "reason", fmt.Sprint(err))
		if err != nil {
			http.Error(w, err.Error(), code)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(body)
	})
}

const requestID = "X-Request-Id"

func (s *feeds) list(r *http.Request) (any, error) {
	return all(r.Context(), s.db, func(rows *sql.Rows, f *feed) error { return rows.Scan(&f.ID, &f.URL, &f.Title) },
		"SELECT id, url, title FROM feeds ORDER BY id")
}

func (s *feeds) add(r *http.Request) (any, error) {
	var f feed
	if err := json.NewDecoder(r.Body).Decode(&f); err != nil || f.URL == "" {
		return nil, statusError(http.StatusBadRequest)
	}
	err := s.db.QueryRowContext(r.Context(), "INSERT INTO feeds (url) VALUES ($1) RETURNING id", f.URL).Scan(&f.ID)
	if pg := (*pgconn.PgError)(nil); errors.As(err, &pg) && pg.Code == "23505" {
		return nil, statusError(http.StatusConflict)
	}
	return f, err
}

func (s *feeds) load(r *http.Request) (f feed, err error) {
	if f.ID, err = strconv.Atoi(r.PathValue("id")); err != nil {
		return f, statusError(http.StatusBadRequest)
	}
	err = s.db.QueryRowContext(r.Context(), "SELECT url, title FROM feeds WHERE id = $1", f.ID).Scan(&f.URL, &f.Title)
	if errors.Is(err, sql.ErrNoRows) {
		err = statusError(http.StatusNotFound)
	}
	return f, err
}

func (s *feeds) show(r *http.Request) (any, error) { return s.load(r) }

func (s *feeds) remove(r *http.Request) (any, error) {
	f, err := s.load(r)
	if err != nil {
		return nil, err
	}
	_, err = s.db.ExecContext(r.Context(), "DELETE FROM feeds WHERE id = $1", f.ID)
	return nil, err
}

func (s *feeds) items(r *http.Request) (any, error) {
	f, err := s.load(r)
	if err != nil {
		return nil, err
	}
	return all(r.Context(), s.db, func(rows *sql.Rows, title *string) error { return rows.Scan(title) },
		"SELECT title FROM items WHERE feed_id = $1 ORDER BY id", f.ID)
}

// refresh fetches a feed and stores its items in one transaction.
func (s *feeds) refresh(r *http.Request) (any, error) {
	f, err := s.load(r)
	if err != nil {
		return nil, err
	}
	return s.store(r.Context(), f, r.Header.Get(requestID))
}

func (s *feeds) store(ctx context.Context, f feed, request string) (any, error) {
	rss, err := s.fetch(ctx, f.URL)
	if err != nil {
		s.log.WarnContext(ctx, "feed is not to be had", "request", request, "reason", err.Error())
		return nil, statusError(http.StatusBadGateway)
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, "UPDATE feeds SET title = $1 WHERE id = $2", rss.Channel.Title, f.ID); err != nil {
		return nil, err
	}
	for _, item := range rss.Channel.Items {
		if _, err := tx.ExecContext(ctx, "INSERT INTO items (feed_id, guid, title) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
			f.ID, item.GUID, item.Title); err != nil {
			return nil, err
		}
	}
	return len(rss.Channel.Items), tx.Commit()
}

type rss struct {
	Channel struct {
		Title string `xml:"title"`
		Items []struct {
			GUID  string `xml:"guid"`
			Title string `xml:"title"`
		} `xml:"item"`
	} `xml:"channel"`
}

func (s *feeds) fetch(ctx context.Context, url string) (feed rss, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return feed, err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return feed, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return feed, statusError(resp.StatusCode)
	}
	return feed, xml.NewDecoder(resp.Body).Decode(&feed)
}

func (s *feeds) counts(r *http.Request) (any, error) {
	return all(r.Context(), s.db, func(rows *sql.Rows, counts *struct{ Feeds, Items int }) error {
		return rows.Scan(&counts.Feeds, &counts.Items)
	},
		"SELECT (SELECT count(*) FROM feeds), (SELECT count(*) FROM items)")
}

func (s *feeds) broken(r *http.Request) (any, error) {
	_, err := s.db.ExecContext(r.Context(), "UPDATE no_such_table SET a = 1")
	return nil, err
}

// all returns the rows that a query finds, as scan reads them.
func all[T any](ctx context.Context, db *sql.DB, scan func(*sql.Rows, *T) error, query string, args ...any) ([]T, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := []T{}
	for rows.Next() {
		var one T
		if err := scan(rows, &one); err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, rows.Err()
}
