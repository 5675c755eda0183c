package slogteltest

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"
)

// Options tell [TestHandler] and [CheckHandler] how to see what a handler does
// with its records. Without them the suite still checks all that does not need
// to be seen.
type Options struct {
	// Results returns a map for each record that was handled by the handler made
	// last, in that order and in the form that testing/slogtest wants: attributes
	// under their keys, groups as maps of their own. [Buffer.JSON] is one for handlers
	// that write JSON. The handler must write all records of level Info and above, and
	// drop none.
	Results func() []map[string]any

	// Output returns all text that the handler made last has written. It is for
	// handlers that show attributes in a form of their own, and is not used when
	// Results is given. [Buffer.String] is one. What shows only telemetry, or only
	// ordinary records, will do.
	Output func() string

	// StandardQuirks is for a handler that formats as slog's own handlers do, with what is
	// wrong in them as of Go 1.26. A time outside of the years 0 to 9999, or an attribute
	// after a group that holds only empty groups, makes a line that is not JSON. WithGroup("")
	// opens a group with an empty name, though [slog.Handler] says that it returns the
	// receiver; a slog.Logger never makes that call.
	StandardQuirks bool
}

// TestHandler puts a handler through the contracts that the package documentation lists, each
// in a subtest. Nil opts say that what the handler writes cannot be seen.
//
// NewHandler is called at least once for each contract, on the goroutine of the subtest that
// it is given. It returns a new handler each time, enabled for Info and above. A destination
// that these handlers share must be ready for that. When the suite is done with a handler, it
// calls its method Shutdown(context.Context) error, or else Close() error, if it has one.
func TestHandler(t *testing.T, newHandler func(t *testing.T) slog.Handler, opts *Options) {
	t.Helper()
	for _, c := range contracts {
		t.Run(c.name, func(t *testing.T) {
			t.Helper()
			r := newRun(func() slog.Handler { return newHandler(t) }, opts)
			if c.isolated {
				// In a test of its own, so that what newHandler gave to t.Cleanup is done
				// before the contract is judged.
				r.isolate = func(f func()) {
					t.Run("use", func(inner *testing.T) {
						r.newHandler = func() slog.Handler { return newHandler(inner) }
						f()
					})
				}
			}
			r.check(c)
			for _, err := range r.errs {
				t.Error(err)
			}
			if r.skipped != "" {
				t.Skip(r.skipped)
			}
		})
	}
}

// CheckHandler is [TestHandler] for use without a testing.T: it returns an error
// that joins all violations, each with the name of its contract, or nil.
func CheckHandler(newHandler func() slog.Handler, opts *Options) error {
	var errs []error
	for _, c := range contracts {
		r := newRun(newHandler, opts)
		r.check(c)
		for _, err := range r.errs {
			errs = append(errs, fmt.Errorf("%s: %w", c.name, err))
		}
	}
	return errors.Join(errs...)
}

// A contract is one thing that a handler promises.
type contract struct {
	name     string
	check    func(*run)
	isolated bool // run.isolate is called
}

// contracts is the suite, in the order of the package documentation.
var contracts = []contract{
	{name: "slogtest", check: checkSlogtest},
	{name: "forks", check: checkForks},
	{name: "empty_with", check: checkEmptyWith},
	{name: "record_unchanged", check: checkRecordUnchanged},
	{name: "enabled", check: checkEnabled},
	{name: "canceled_context", check: checkCanceledContext},
	{name: "concurrent", check: checkConcurrent},
	{name: "hostile", check: checkHostile},
	{name: "telemetry", check: checkTelemetry},
	{name: "retains", check: checkRetains},
	{name: "lifecycle", check: checkLifecycle},
	{name: "goroutines", check: checkGoroutines, isolated: true},
}
