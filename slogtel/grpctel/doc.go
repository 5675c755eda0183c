// Package grpctel makes a gRPC server and its clients observable: each RPC is a scope, and the
// scopes of both ends are in one trace. It is a module of its own, so that only those who use
// gRPC depend on it.
//
//	server := grpc.NewServer(grpctel.ServerOption(tel, nil))
//	conn, err := grpc.NewClient(target, grpctel.DialOption(tel, nil))
//
// The scope of an RPC is in the context of its handler: scopes, calls of clients and queries
// with that context are inside of it, and so are log lines with handlers.Scope. The client's
// scope is inside that of the context of the call. [NewServerHandler] and [NewClientHandler]
// return the stats.Handler by itself, for those who have several. When telemetry is off the
// options do nothing.
//
// # What an RPC is
//
// An RPC is unary or a stream. Its scope is rpc.server or rpc.client, the service and the method, as
// [scope.Sanitize] has it: rpc.server.grpc.health.v1.health.check. On the server it begins when the
// headers are there and ends when the status was sent. An RPC whose method is not known
// there is rpc.server.unmatched, whatever the method. On the client a scope is one attempt: an RPC
// that gRPC tries again has several, one after the other. Beyond 1024 methods, which are
// those of a proxy, RPCs are rpc.server.overflow and rpc.client.overflow.
//
//	rpc.system.name             string  grpc
//	rpc.method                  string  grpc.health.v1.Health/Check; _OTHER where it is not known
//	rpc.response.status_code    string  OK, NOT_FOUND …; absent where none was sent or received, as after a panic
//	rpc.request.messages        int     messages that the client sent: what it wrote, what the server read
//	rpc.request.size            int     their bytes, not compressed and without framing
//	rpc.response.messages       int     messages that the server sent
//	rpc.response.size           int     bytes
//	rpc.grpc.previous_attempts  int     attempts of the same RPC before this one; absent when 0
//	server.address, server.port         of the connection; client only, absent when there was none
//	error.type                  string  the status code, of a failure
//	span.kind                   string  server or client; only with a name of Options.ScopeName, which may not say it
//
// The names are those of the semantic conventions of OpenTelemetry
// (https://opentelemetry.io/docs/specs/semconv/rpc/grpc/), where these have one. Metadata and
// messages are not recorded.
//
// # What a failure is
//
// On a client each status but OK is a failure. On a server UNKNOWN, DEADLINE_EXCEEDED,
// UNIMPLEMENTED, INTERNAL, UNAVAILABLE and DATA_LOSS are: the others say what is wrong with the
// request. That is what the semantic conventions say, too. The error is the text of the status,
// of which 2048 bytes are kept, without user info, query and fragment of the URLs in it.
//
// An RPC that the client has canceled is canceled, on both ends, and no failure; so is one whose
// client has left. A status CANCELLED that a server returns by itself is a failure for its client.
//
// A panic in a handler, and a runtime.Goexit, make the RPC a failure without a status. A panic goes
// on as it was: gRPC for Go lets the process die of it. An interceptor that makes a status of
// panics is seen by that status.
//
// An RPC that ends before its first attempt, as when the server's name cannot be found, has no
// scope, since gRPC does not tell its stats.Handler. The same goes for a method name without
// slashes on a server.
//
// # Traces
//
// Trace ids travel as traceparent and tracestate in the metadata, as those of package httptel
// do in headers, with the same rules: see there, under Traces.
//
// All of it is safe for concurrent use. Connections have no events.
//
// [scope.Sanitize]: https://pkg.go.dev/github.com/slogtel/telemetry/scope#Sanitize
package grpctel
