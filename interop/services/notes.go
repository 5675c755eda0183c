package services

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

const notesSchema = `
CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
CREATE TABLE changes (id INTEGER PRIMARY KEY, note INTEGER NOT NULL, what TEXT NOT NULL);`

// notes is the app. It knows nothing of telemetry: its database and its logger were wrapped
// where they were made, and observe is the first of its middlewares.
type notes struct {
	db  *sql.DB
	log *slog.Logger
}

type note struct {
	ID    int64  `json:"id"`
	Title string `json:"title"`
	Body  string `json:"body"`
}

func (s *notes) routes(observe echo.MiddlewareFunc) *echo.Echo {
	e := echo.New()
	e.HideBanner = true
	e.Use(s.accessLog(), observe, s.begins, middleware.RecoverWithConfig(middleware.RecoverConfig{
		DisableErrorHandler: true, DisablePrintStack: true,
	}))
	e.GET("/healthz", func(c echo.Context) error { return c.NoContent(http.StatusNoContent) })
	api := e.Group("/api", middleware.BodyLimit("64K"))
	v1 := api.Group("/v1")
	v1.GET("/notes", s.list)
	v1.POST("/notes", s.add)
	v1.GET("/notes/:id", s.show)
	v1.PUT("/notes/:id", s.change)
	v1.DELETE("/notes/:id", s.remove)
	v1.GET("/export", s.export)
	v1.GET("/broken", func(c echo.Context) error {
		_, err := s.db.ExecContext(c.Request().Context(), "SELECT count(*) FROM nothing")
		return err
	})
	v1.GET("/panic", func(echo.Context) error { panic("a bug") })
	return e
}

// accessLog is the service's own. It is outside of all else, and finds the status in the response.
func (s *notes) accessLog() echo.MiddlewareFunc {
	return middleware.RequestLoggerWithConfig(middleware.RequestLoggerConfig{
		LogStatus: true, LogMethod: true, LogRoutePath: true,
		LogValuesFunc: func(c echo.Context, v middleware.RequestLoggerValues) error {
			s.log.InfoContext(c.Request().Context(), "access", "request", c.Request().Header.Get(echo.HeaderXRequestID),
				"method", v.Method, "route", v.RoutePath, "status", v.Status)
			return nil
		},
	})
}

// begins writes a line inside of each request.
func (s *notes) begins(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		s.log.InfoContext(c.Request().Context(), "begins")
		return next(c)
	}
}

func noteID(c echo.Context) (int64, error) {
	n, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return 0, echo.NewHTTPError(http.StatusBadRequest, "the id is a number").SetInternal(err)
	}
	return n, nil
}

func (s *notes) load(ctx context.Context, id int64) (n note, err error) {
	n.ID = id
	err = s.db.QueryRowContext(ctx, "SELECT title, body FROM notes WHERE id = ?", id).Scan(&n.Title, &n.Body)
	if errors.Is(err, sql.ErrNoRows) {
		err = echo.ErrNotFound
	}
	return n, err
}

func (s *notes) show(c echo.Context) error {
	id, err := noteID(c)
	if err != nil {
		return err
	}
	n, err := s.load(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, n)
}

func (s *notes) list(c echo.Context) error {
	found, err := all(c.Request().Context(), s.db, func(rows *sql.Rows, n *note) error { return rows.Scan(&n.ID, &n.Title, &n.Body) },
		"SELECT id, title, body FROM notes WHERE title LIKE ? ORDER BY id LIMIT 20", c.QueryParam("q")+"%")
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, found)
}

// write runs f in a transaction and notes what it did.
func (s *notes) write(ctx context.Context, what string, f func(*sql.Tx) (int64, error)) (int64, error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback() }()
	id, err := f(tx)
	if err != nil {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO changes (note, what) VALUES (?, ?)", id, what); err != nil {
		return 0, err
	}
	return id, tx.Commit()
}

func (s *notes) add(c echo.Context) error {
	var n note
	if err := c.Bind(&n); err != nil {
		return err
	}
	if n.Title == "" {
		return echo.NewHTTPError(http.StatusUnprocessableEntity, "a title is wanted")
	}
	ctx := c.Request().Context()
	var err error
	n.ID, err = s.write(ctx, "add", func(tx *sql.Tx) (int64, error) {
		got, err := tx.ExecContext(ctx, "INSERT INTO notes (title, body) VALUES (?, ?) ON CONFLICT DO NOTHING", n.Title, n.Body)
		if err != nil {
			return 0, err
		}
		if changed, err := got.RowsAffected(); err != nil || changed == 0 {
			return 0, errors.Join(err, echo.NewHTTPError(http.StatusConflict, "there is one"))
		}
		return got.LastInsertId()
	})
	if conflict := (*echo.HTTPError)(nil); errors.As(err, &conflict) {
		return conflict
	}
	if err != nil {
		return err
	}
	s.log.InfoContext(ctx, "added", "note", n.ID)
	return c.JSON(http.StatusCreated, n)
}

func (s *notes) change(c echo.Context) error {
	id, err := noteID(c)
	if err != nil {
		return err
	}
	var n note
	if err := c.Bind(&n); err != nil {
		return err
	}
	ctx := c.Request().Context()
	if _, err := s.load(ctx, id); err != nil {
		return err
	}
	if _, err := s.write(ctx, "change", func(tx *sql.Tx) (int64, error) {
		_, err := tx.ExecContext(ctx, "UPDATE notes SET body = ? WHERE id = ?", n.Body, id)
		return id, err
	}); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func (s *notes) remove(c echo.Context) error {
	id, err := noteID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if _, err := s.write(ctx, "remove", func(tx *sql.Tx) (int64, error) {
		_, err := tx.ExecContext(ctx, "DELETE FROM notes WHERE id = ?", id)
		return id, err
	}); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// export streams all notes, a line each.
func (s *notes) export(c echo.Context) error {
	titles, err := all(c.Request().Context(), s.db, func(rows *sql.Rows, title *string) error { return rows.Scan(title) },
		"SELECT title FROM notes ORDER BY id LIMIT 50")
	if err != nil {
		return err
	}
	w := c.Response()
	w.Header().Set(echo.HeaderContentType, echo.MIMETextPlainCharsetUTF8)
	w.WriteHeader(http.StatusOK)
	for _, title := range titles {
		if _, err := w.Write([]byte(title + "\n")); err != nil {
			return err
		}
		w.Flush()
	}
	return nil
}
