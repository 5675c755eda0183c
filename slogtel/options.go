package slogtel

import (
	"context"
	"log/slog"

	"github.com/slogtel/telemetry/internal/switches"
	"github.com/slogtel/telemetry/scope"
)

// Mode says whether a feature is on, or leaves that to the environment.
type Mode = switches.Mode

const (
	FromEnv = switches.FromEnv // as the environment says when [New] is called
	On      = switches.On
	Off     = switches.Off
)

// The environment variables that [FromEnv] reads: the first one that is set decides,
// see [switches.Read]. The second name of each is that of the system this library comes
// from, whose users' settings go on working. DEBUG is a switch of others too, so it
// only turns telemetry on.
var (
	envTelemetry    = []switches.Variable{{Name: "SLOGTEL_TELEMETRY"}, {Name: "GEMINI_BATCH_TELEMETRY"}, {Name: "DEBUG", OnOnly: true}}
	envStrictScopes = []switches.Variable{{Name: "SLOGTEL_TELEMETRY_STRICT_SCOPES"}, {Name: "GEMINI_BATCH_TELEMETRY_STRICT_SCOPES"}}
)

// Options configure [New]. The zero value lets the environment decide what is on.
type Options struct {
	// Mode switches telemetry on or off. With [FromEnv] the first of SLOGTEL_TELEMETRY,
	// GEMINI_BATCH_TELEMETRY and DEBUG that is set decides; DEBUG can only turn it on.
	Mode Mode

	// Level is the level of every event but the timings that failed. It is asked for each
	// event, so a slog.LevelVar changes it while the program runs. A reporter that is not
	// enabled for it gets no events, which [New] reports. Nil is slog.LevelInfo.
	Level slog.Leveler

	// FailLevel is the level of timings that failed: an app's handler that is enabled for
	// warnings and errors only gets these. Nil is slog.LevelError.
	FailLevel slog.Leveler

	// StrictScopes says that a name which [scope.Validate] rejects is reported to OnError and
	// goes out under [scope.Sanitize]. When it is off, any name is taken as it is, but for an
	// empty one and one that is too long. With [FromEnv] the first of
	// SLOGTEL_TELEMETRY_STRICT_SCOPES and GEMINI_BATCH_TELEMETRY_STRICT_SCOPES that is set
	// decides.
	StrictScopes Mode

	// TraceIDs adds trace_id, span_id and parent_span_id. They are random ids in the form of
	// the W3C trace context (https://www.w3.org/TR/trace-context/).
	TraceIDs bool

	// TraceParent, used with TraceIDs, returns the ids of the span of another tracing system
	// that is active in the context of a call, or empty strings. If that span began inside
	// the enclosing scope, or there is no such scope, the new scope or metric belongs to it:
	// it takes over the trace id and has the span as its parent. Ids that are not W3C ids are
	// ignored. The function is called from any goroutine; a panic in it goes to OnError and
	// counts as no span. Package slogtel/oteltel has one for OpenTelemetry.
	TraceParent func(context.Context) (traceID, spanID string)

	// WithContext lets another tracing system see a scope as its own active span. It is given
	// the context that Start was called with and the scope that begins, and returns the
	// context that the scope's context is derived from. It must return the context it was
	// given or one derived from it; nil counts as the one it was given. It is called from any
	// goroutine; a panic in it goes to OnError. Package slogtel/oteltel has one for
	// OpenTelemetry.
	WithContext func(context.Context, scope.Info) context.Context

	// Profile labels the samples of CPU profiles with the scope they were taken in (label
	// "scope") and marks scopes as regions in execution traces. It costs some hundred
	// nanoseconds a scope, and microseconds while an execution trace is taken. Labels belong
	// to the goroutine, so End must run on the goroutine that called Start. Otherwise that of
	// Start keeps the labels of the scope, and that of End gets those from before Start.
	Profile bool

	// ContextAttrs returns attributes to add to an event from the context of the call that
	// makes it: a request id, a tenant. An attribute of the same key in the call itself wins.
	// The function is called from any goroutine; a panic in it goes to OnError, and the event
	// goes out without its attributes.
	ContextAttrs func(context.Context) []slog.Attr

	// OnError is told what went wrong: with a [*ReporterError] when a reporter failed or
	// panicked, with an [*EventError] when an event was rejected or could not go out as it was
	// given, and with other errors by [New]. It is called on the goroutine of the event, from
	// many at once, and must not block. A panic in it is swallowed. It may use the Telemetry
	// itself, with the context it is given: errors of that are counted and not reported. Of
	// more than 64 errors at once the rest is only counted.
	//
	// When nil, errors are logged through slog.Default() at level Error, at most once a minute
	// for each reporter and once a minute for all rejected events, with the number of those
	// held back. [Telemetry.Stats] counts them either way.
	OnError func(context.Context, error)
}
