package httptel

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
)

// roleVariable tells the test binary to be one of the programs.
const roleVariable = "SLOGTEL_INTEROP_HTTPTEL_ROLE"

func TestMain(m *testing.M) {
	run := map[string]func(file, target string) error{"server": server, "client": client}[os.Getenv(roleVariable)]
	if run == nil {
		os.Exit(m.Run())
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// telemetry is what each of the programs has: JSON lines in a file.
func telemetry(file string) (*slogtel.Telemetry, error) {
	out, err := jsonlines.Open(file, nil)
	if err != nil {
		return nil, err
	}
	return slogtel.New(&slogtel.Options{Mode: slogtel.On, StrictScopes: slogtel.On, TraceIDs: true}, out), nil
}

// call makes a request and reads the answer.
func call(ctx context.Context, c *http.Client, method, url string) error {
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return err
	}
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// server serves until its standard input is closed, and prints its URL. Where it has
// a target it calls that for each user.
func server(file, target string) error {
	tel, err := telemetry(file)
	if err != nil {
		return err
	}
	downstream := &http.Client{Transport: httptel.NewTransport(nil, tel, nil)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /users/{id}", func(w http.ResponseWriter, r *http.Request) {
		err := tel.Time(r.Context(), "load", func(ctx context.Context) error {
			tel.Count(ctx, "rows", 1)
			if target == "" {
				return nil
			}
			return call(ctx, downstream, "GET", target+r.URL.Path)
		})
		if err != nil {
			http.Error(w, "no user", http.StatusBadGateway)
			return
		}
		_, _ = io.WriteString(w, "user")
	})
	mux.HandleFunc("POST /orders", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusInternalServerError) })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: httptel.NewMiddleware(tel, nil)(mux)}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	fmt.Println("http://" + listener.Addr().String())
	_, _ = io.Copy(io.Discard, os.Stdin)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return errors.Join(srv.Shutdown(ctx), tel.Shutdown(ctx))
}

// client does three jobs at once, each of three requests.
func client(file, target string) error {
	tel, err := telemetry(file)
	if err != nil {
		return err
	}
	c := &http.Client{Transport: httptel.NewTransport(nil, tel, &httptel.ClientOptions{Timings: true})}
	var wg sync.WaitGroup
	for range jobs {
		wg.Go(func() {
			ctx, span := tel.Start(context.Background(), "job")
			defer span.End()
			for _, r := range []struct{ method, path string }{{"GET", "/users/1"}, {"GET", "/users/2"}, {"POST", "/orders"}, {"GET", "/none"}} {
				span.Fail(call(ctx, c, r.method, target+r.path))
			}
		})
	}
	wg.Wait()
	return tel.Shutdown(context.Background())
}

const jobs = 3

// program is the test binary in a role.
func program(t *testing.T, role, file, target string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, os.Args[0], file, target)
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	cmd.Stderr = os.Stderr
	return cmd
}

// startServer starts a server and returns its URL, and what stops it.
func startServer(t *testing.T, file, target string) (url string, stop func()) {
	cmd := program(t, "server", file, target)
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(line), func() {
		require.NoError(t, in.Close())
		require.NoError(t, cmd.Wait())
	}
}
