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
	// Mode switches telemetry. From the environment: SLOGTEL_TELEMETRY, or else
	// GEMINI_BATCH_TELEMETRY, or else DEBUG, which can only turn it on.
	Mode Mode

	// Level is the level of every event, but for timings that failed. A reporter that is
	// not enabled for it gets none: New says so to OnError. Nil is slog.LevelInfo.
	Level slog.Leveler

	// FailLevel is the level of timings that failed, so that they reach an app's handler
	// that is enabled for warnings and errors only. Nil is slog.LevelError.
	FailLevel slog.Leveler

	// StrictScopes reports each name that [scope.Validate] rejects to OnError and
	// sanitizes it. When off, any name but an empty or an overlong one is taken as it
	// is. From the environment: SLOGTEL_TELEMETRY_STRICT_SCOPES, or else
	// GEMINI_BATCH_TELEMETRY_STRICT_SCOPES.
	StrictScopes Mode

	// TraceIDs adds trace_id, span_id and parent_span_id: random ids in the form of
	// the W3C trace context. They are not derived from anything.
	TraceIDs bool

	// TraceParent, used with TraceIDs, returns the ids of a span of another tracing
	// system that is active in the context of a call, or empty strings. A scope or a
	// metric with such a span around it that its enclosing scope did not have around
	// it belongs to that span: it takes over the trace id, and has the span as its
	// parent. Ids that are not W3C ids are ignored. It is called from any goroutine;
	// a panic in it goes to OnError and counts as no span. Package slogtel/oteltel has
	// one for OpenTelemetry.
	TraceParent func(context.Context) (traceID, spanID string)

	// WithContext lets others see a scope, as the span of another tracing system that is
	// active: what it returns is what the context of the scope is derived from. It is given
	// the context that Start was called with and the scope that begins, and must return
	// that context or one derived from it; nil counts as that. It is called from any
	// goroutine; a panic in it goes to OnError. Package slogtel/oteltel has one for
	// OpenTelemetry.
	WithContext func(context.Context, scope.Info) context.Context

	// Profile labels CPU profile samples with the scope they were taken in (label
	// "scope") and marks scopes as regions in execution traces. It costs some hundred
	// nanoseconds a scope, whether or not a profile is being taken, and microseconds
	// while an execution trace is. Labels belong to the goroutine: with Profile, End
	// must run on the goroutine that called Start, or that of End gets the labels that
	// were there before Start, and the other keeps the scope's.
	Profile bool

	// ContextAttrs returns attributes to add to an event from the context of the call
	// that makes it: a request id, a tenant. Attributes given in the call itself win
	// over one with the same key. It is called from any goroutine; a panic in it goes
	// to OnError and the event goes out without its attributes.
	ContextAttrs func(context.Context) []slog.Attr

	// OnError is told what went wrong without the app noticing: a [*ReporterError]
	// when a reporter failed or panicked, an [*EventError] when an event was rejected
	// or could not go out as it was given. It is called on the goroutine of the
	// event, often at once from many, and must not block. A panic in it is swallowed.
	// It may use the Telemetry itself, with the context it is given: errors of that are
	// counted and not reported again. Of more than 64 errors at once the rest is only
	// counted.
	//
	// When nil, errors are logged through slog.Default() at level Error, at most once
	// a minute for each reporter (and once a minute for all rejected events), with the
	// number of those held back. [Telemetry.Stats] counts them either way.
	OnError func(context.Context, error)
}
