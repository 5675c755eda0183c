package oteltel

import (
	"log/slog"
	"strings"

	"go.opentelemetry.io/otel/trace"

	"github.com/slogtel/telemetry/slogtel"
)

// KeyKind is the key of an attribute with which a scope says what kind of a span it is:
// server, client, producer, consumer or internal. The attribute itself is not on the span.
// Without it the kind is that of the package that opened the scope, see [NewSpans].
const KeyKind = "span.kind"

var kinds = map[string]trace.SpanKind{
	"server": trace.SpanKindServer, "client": trace.SpanKindClient, "internal": trace.SpanKindInternal,
	"producer": trace.SpanKindProducer, "consumer": trace.SpanKindConsumer,
}

// kindsByName are those of the names that httptel, grpctel and sqltel give their scopes.
var kindsByName = [...]struct {
	prefix string
	kind   trace.SpanKind
}{
	{"http.server.", trace.SpanKindServer}, {"http.client.", trace.SpanKindClient},
	{"rpc.server.", trace.SpanKindServer}, {"rpc.client.", trace.SpanKindClient},
	{"sql.", trace.SpanKindClient},
}

// kindOf returns the kind of a scope by its attributes, else by its own name.
func kindOf(t *slogtel.Timing) trace.SpanKind {
	server, client, method := false, false, false
	for i := range t.Attrs {
		a := &t.Attrs[i]
		switch a.Key {
		case KeyKind:
			if k := kindNamed(a.Value); k != 0 {
				return k
			}
		case "db.system.name", "gen_ai.operation.name", "gen_ai.provider.name":
			client = true
		case "http.request.method":
			method = true
		case "http.route":
			server = true
		case "server.address":
			client = client || method
		}
	}
	name := t.Scope
	if n := len(t.ParentScope); n > 0 && len(name) > n && name[n] == '.' && name[:n] == t.ParentScope {
		name = name[n+1:]
	}
	for _, k := range kindsByName {
		if strings.HasPrefix(name, k.prefix) {
			return k.kind
		}
	}
	switch { // the app gave the scope a name of its own
	case server && method:
		return trace.SpanKindServer
	case client:
		return trace.SpanKindClient
	}
	return trace.SpanKindInternal
}

// kindNamed returns the kind that v names, or 0.
func kindNamed(v slog.Value) trace.SpanKind {
	if v = v.Resolve(); v.Kind() != slog.KindString {
		return 0
	}
	return kinds[strings.ToLower(v.String())]
}
