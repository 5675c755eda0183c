package scope

import "context"

// Info describes the scope that a context is in.
type Info struct {
	Path   string // full dotted path, as the scope attribute of its events
	Parent string // path of the enclosing scope, "" at the root
	Depth  int    // number of enclosing scopes, 0 at the root

	// TraceID and SpanID are W3C trace context ids in lower-case hex (32 and 16
	// digits), both empty where no trace is being kept.
	TraceID, SpanID string
}

// Carrier is what a context returns for [Key]: something that can describe the
// current scope. An implementation lets the description be made only when it is
// asked for.
type Carrier interface {
	ScopeInfo() Info
}

// Key is the context key under which a [Carrier] is found. Most code wants
// [FromContext] and [NewContext]; a context type of its own answers for Key.
type Key struct{}

// FromContext returns the scope that ctx is in, and false where there is none.
// A nil ctx is in no scope. It allocates nothing.
func FromContext(ctx context.Context) (Info, bool) {
	if ctx == nil {
		return Info{}, false
	}
	c, ok := ctx.Value(Key{}).(Carrier)
	if !ok {
		return Info{}, false
	}
	return c.ScopeInfo(), true
}

// NewContext returns a context that is in the scope info. Scopes opened with it
// are children of info, and carry on its trace. It serves to continue a scope or
// a trace that began elsewhere, such as in another process; an Info with ids but
// no Path makes the next scope a root scope of that trace. A trace is carried on
// only by a Telemetry that keeps ids, and ids that are not W3C ids are ignored.
func NewContext(ctx context.Context, info Info) context.Context {
	return context.WithValue(ctx, Key{}, fixed(info))
}

// fixed is the Carrier of a scope known beforehand.
type fixed Info

func (f fixed) ScopeInfo() Info { return Info(f) }
