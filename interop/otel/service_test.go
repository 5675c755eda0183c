package otel

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	_ "modernc.org/sqlite"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/reporters/fromenv"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
	_ "github.com/slogtel/telemetry/slogtel/oteltel/autoexport"
	"github.com/slogtel/telemetry/slogtel/sqltel"
)

// roleVariable tells the test binary to be one of the two processes of the service: "store" has
// the database, "shop" calls the store, and both are set up by the environment.
const (
	roleVariable   = "SLOGTELTEST_OTEL_ROLE"
	targetVariable = "SLOGTELTEST_OTEL_TARGET"
)

func TestMain(m *testing.M) {
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) {})) // some tests are about errors
	role := map[string]func(*slogtel.Telemetry) (http.Handler, error){"store": store, "shop": shop}[os.Getenv(roleVariable)]
	if role == nil {
		os.Exit(m.Run())
	}
	if err := serve(role); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve serves until its standard input is closed, and prints its URL.
func serve(role func(*slogtel.Telemetry) (http.Handler, error)) error {
	setup, err := fromenv.New(slog.DiscardHandler, nil)
	if err != nil {
		return err
	}
	handler, err := role(setup.Telemetry)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: httptel.NewMiddleware(setup.Telemetry, nil)(handler)}
	go func() { _ = srv.Serve(listener) }()
	fmt.Println("http://" + listener.Addr().String())
	_, _ = io.Copy(io.Discard, os.Stdin)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return errors.Join(srv.Shutdown(ctx), setup.Shutdown(ctx))
}

func store(tel *slogtel.Telemetry) (http.Handler, error) {
	db, err := sqltel.Open("sqlite", "file::memory:?cache=shared", tel, nil)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT)"); err != nil {
		return nil, err
	}
	if _, err := db.Exec("INSERT INTO items (id, name) VALUES (1, 'tea'), (2, 'jam')"); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /items/{id}", func(w http.ResponseWriter, r *http.Request) {
		var name string
		switch err := db.QueryRowContext(r.Context(), "SELECT name FROM items WHERE id = ?", r.PathValue("id")).Scan(&name); {
		case errors.Is(err, sql.ErrNoRows):
			http.NotFound(w, r)
		case err != nil:
			http.Error(w, "no", http.StatusInternalServerError)
		default:
			_, _ = io.WriteString(w, name)
		}
	})
	mux.HandleFunc("GET /broken", func(w http.ResponseWriter, r *http.Request) {
		_, err := db.ExecContext(r.Context(), "INSERT INTO items (id, name) VALUES (1, 'twice')")
		http.Error(w, fmt.Sprint(err), http.StatusInternalServerError)
	})
	return mux, nil
}

func shop(tel *slogtel.Telemetry) (http.Handler, error) {
	target := os.Getenv(targetVariable)
	client := &http.Client{Transport: httptel.NewTransport(nil, tel, nil)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /buy/{id}", func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		err := tel.Time(ctx, "price", func(ctx context.Context) error {
			tel.Count(ctx, "asked", 1)
			return get(ctx, client, target+"/items/"+r.PathValue("id"))
		}, slog.String("item", r.PathValue("id")), slog.Group("user", slog.String("plan", "free"), slog.Bool("new", true)), slog.Float64("discount", 0.5))
		if r.PathValue("id") == "2" {
			err = errors.Join(err, get(ctx, client, target+"/broken"))
		}
		if err != nil {
			http.Error(w, "cannot", http.StatusBadGateway)
		}
	})
	return mux, nil
}

func get(ctx context.Context, c *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	if err == nil && resp.StatusCode >= 400 {
		err = errors.New(resp.Status)
	}
	return err
}

// startService starts one of the processes, and returns its URL and what stops it.
func startService(t *testing.T, role, lines string, env ...string) (url string, stop func()) {
	t.Helper()
	cmd := testkit.Rerun(t)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "SLOGTEL_") && !strings.HasPrefix(v, "OTEL_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, roleVariable+"="+role, "SLOGTEL_REPORTERS=otlp,json="+lines, "OTEL_SERVICE_NAME="+role)
	cmd.Env = append(cmd.Env, env...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(line), func() {
		require.NoError(t, in.Close())
		require.NoError(t, cmd.Wait())
	}
}
