package fromenv

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/slogtel/telemetry/handlers"
	"github.com/slogtel/telemetry/internal/forward"
	"github.com/slogtel/telemetry/slogtel"
)

// Options are what the environment does not decide.
type Options struct {
	// Telemetry are the options of the Telemetry. Its Mode is that of the environment
	// unless it is slogtel.On or slogtel.Off.
	Telemetry slogtel.Options

	// Output is where the console and the report of memory go. Nil is os.Stderr.
	Output io.Writer

	// ShutdownTimeout is how long [Setup.Main] waits for Shutdown. Zero is ten seconds.
	ShutdownTimeout time.Duration
}

// A Setup is what [New] made. It is safe for concurrent use.
type Setup struct {
	Handler   slog.Handler       // for the app's own logs
	Telemetry *slogtel.Telemetry // never nil
	Levels    *handlers.Levels   // those of SLOGTEL_LEVEL, which can be changed, also over HTTP

	timeout time.Duration
	output  io.Writer
	opened  []slog.Handler // all reporters
	memory  func()         // writes the reports
	once    sync.Once
	err     error
}

// New reads the environment, once. App is the handler of the app's own logs; nil leaves
// them to the reporters. Nil opts are the defaults; they are copied.
//
// The error says, a line each, what could not be understood or opened: the variable, its
// value, and what is allowed; it also names variables that begin with SLOGTEL_ and are not
// known. The Setup is never nil and works without that, since a slip in a setting must not
// end the app.
func New(app slog.Handler, opts *Options) (*Setup, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	if o.Output == nil {
		o.Output = os.Stderr
	}
	o.ShutdownTimeout = cmp.Or(max(o.ShutdownTimeout, 0), 10*time.Second)
	b := builder{opts: o, app: app}
	s := b.build()
	return s, errors.Join(b.errs...)
}

// Shutdown ends the Telemetry and all reporters, and writes the report of memory. Only the
// first call does so; all return what it returned. The Handler must not be used afterwards.
func (s *Setup) Shutdown(ctx context.Context) error {
	s.once.Do(func() {
		s.err = s.Telemetry.Shutdown(ctx)
		if s.Telemetry == slogtel.Disabled() { // the reporters had only logs
			for _, h := range s.opened {
				s.err = errors.Join(s.err, forward.Shutdown(ctx, h))
			}
		}
		s.memory()
	})
	return s.err
}

// Main calls run and then Shutdown, and returns what to call os.Exit with: 0, or 1 if run
// returned an error, which is logged. The context of run ends with the first SIGINT or
// SIGTERM: run should return then, and a context.Canceled that it returns for that is no
// error. The second such signal ends the program at once.
//
// Shutdown is also called when run panics or calls runtime.Goexit, and the panic goes on.
func (s *Setup) Main(run func(ctx context.Context) error) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		<-ctx.Done()
		stop()
	}()
	defer s.end()
	err := run(ctx)
	if err == nil || ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return 0
	}
	slog.New(s.Handler).Error("the program failed", "error", err)
	return 1
}

func (s *Setup) end() {
	ctx, cancel := context.WithTimeout(context.Background(), s.timeout)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		slog.New(slog.NewTextHandler(s.output, nil)).Error("telemetry did not end as it should", "error", err)
	}
}
