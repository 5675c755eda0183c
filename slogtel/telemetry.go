package slogtel

import (
	"context"
	"log/slog"
	"sync/atomic"

	"github.com/slogtel/telemetry/scope"
)

// A Telemetry is what an app records with. It is safe for concurrent use. A nil *Telemetry is
// valid and off.
type Telemetry struct {
	core *core // nil: off
}

// core is what a Telemetry and those derived from it share.
type core struct {
	tel          *Telemetry
	handler      slog.Handler // all reporters behind slog-multi's fan-out
	level        leveler      // of events
	failLevel    leveler      // of timings that failed
	strict       bool
	traceIDs     bool
	profile      bool
	traceParent  func(context.Context) (traceID, spanID string) // nil without traceIDs
	withContext  func(context.Context, scope.Info) context.Context
	contextAttrs func(context.Context) []slog.Attr
	paths        pathTable
	closed       atomic.Bool
	down         chan struct{} // closed when Shutdown is done, and downErr set
	downErr      error
	reporters    []*guard
	wanting      atomic.Int32 // the index of one that was enabled
	retained     bool         // a reporter may retain records
	watchers     []ScopeWatcher
	errors       errorSink
}

// disabled is the one no-op that every Telemetry that is off shares.
var disabled = &Telemetry{}

// Disabled returns the shared Telemetry that is off: it records nothing,
// allocates nothing and returns contexts as they were given.
func Disabled() *Telemetry { return disabled }

// New returns a Telemetry that hands every event to each of the reporters. It returns
// [Disabled] when telemetry is off or no reporter is given. Nil opts are the defaults, and
// nil reporters are left out. The options are copied and the environment is read here, once;
// later changes to either have no effect.
//
// New cannot fail. It reports to Options.OnError what it could not use:
//
//   - an environment variable that says neither on nor off, which counts as not set
//   - a Level or FailLevel that panics when it is asked, as a nil *slog.LevelVar does, whose
//     default is taken
//   - a reporter that is not enabled for Options.Level, see [ErrNotEnabled]
//
// A reporter is any [slog.Handler]. It is called on the goroutine of the event, and never
// under a lock of this package: what blocks it blocks that goroutine, and nothing else. Its
// errors and panics go to Options.OnError and reach neither the app nor the other reporters.
//
// A reporter that is done with a record when Handle returns may say so, which saves an
// allocation: see [RetainsRecords].
func New(opts *Options, reporters ...slog.Handler) *Telemetry {
	var o Options
	if opts != nil {
		o = *opts
	}
	c := new(core)
	c.errors.call = o.OnError
	if !o.Mode.On(envTelemetry, c.errors.setup) {
		return disabled
	}
	c.strict = o.StrictScopes.On(envStrictScopes, c.errors.setup)
	c.traceIDs, c.profile = o.TraceIDs, o.Profile
	c.withContext, c.contextAttrs = o.WithContext, o.ContextAttrs
	c.down = make(chan struct{})
	c.level = c.newLeveler("Level", o.Level, slog.LevelInfo)
	c.failLevel = c.newLeveler("FailLevel", o.FailLevel, slog.LevelError)
	if o.TraceIDs {
		c.traceParent = o.TraceParent
	}
	if !c.addReporters(reporters) {
		return disabled
	}
	c.paths.init(c)
	c.tel = &Telemetry{core: c}
	return c.tel
}

// Enabled reports whether events are recorded. It is false for a nil Telemetry
// and after [Telemetry.Shutdown].
func (t *Telemetry) Enabled() bool {
	return t != nil && t.core != nil && !t.core.closed.Load()
}
