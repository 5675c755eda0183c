// Package httptel makes a net/http service and its calls observable: a line for the
// server, a line for the client, and the scopes of both join in one trace.
//
//	srv.Handler = httptel.NewMiddleware(tel, nil)(mux)
//	client.Transport = httptel.NewTransport(client.Transport, tel, nil)
//
// # Adopt it in an existing service
//
// Step by step; each is of use without those after it. The examples of this page are
// compiled and run.
//
//  1. Where the service makes its logger, make a Telemetry that reports to the same
//     handler: slogtel.New(&slogtel.Options{TraceIDs: true}, logger.Handler()). With no
//     Mode the environment decides, so nothing changes until SLOGTEL_TELEMETRY=1. Hand
//     the Telemetry to where the server and the clients are made. (Example Step1Telemetry)
//  2. Put [NewMiddleware] around the mux. Each request is now a scope, named by the
//     pattern that it was registered with. (Example Step2Server)
//  3. Give [NewTransport] to the http.Client that calls other services, and the
//     request's context to its requests. Each call is a scope inside that of the
//     request, and the other service, when it does as much, carries the trace on.
//     (Example Step3Client)
//  4. Open scopes of your own where a request spends its time, with the request's
//     context: defer span.End() after tel.Start(r.Context(), "load"). (Example Step4OwnScopes)
//  5. Put handlers.Scope() around the logger's handler, and each ordinary log record
//     that is written with the request's context has its scope and trace_id. (The same example)
//  6. Where the server is shut down, call tel.Shutdown after srv.Shutdown.
//
// The program examples/httpserver is a service to which all of this was done.
//
// # What a request is
//
// A request is a scope named by its route, see [RouteName], and never by its path, as paths are
// unbounded. A request that no route matches is http.server.unmatched. Beyond 1024 routes,
// requests are http.server.overflow. The scope begins before the handler and ends when the
// handler returns, also when it has hijacked the connection.
//
// The route is that of the muxes that the request passed, one inside of the other. The
// middleware asks the ServeMux that it wraps, or ServerOptions.Mux, before the handler runs,
// and then the muxes directly inside. Where it cannot ask, it looks at Request.Pattern after the
// handler. A mux behind http.StripPrefix, or behind a middleware that hands on another request,
// needs [Mux] around it to be seen. Handlers with a routing of their own call [SetRoute], and
// other routers have packages below this one: chitel, gorillatel, gintel, echotel, echo5tel.
// With none of that a request is http.server.request, and [ErrNoRoute] goes to OnError once.
// There is none for fiber: its requests are those of fasthttp, which are no http.Request, have
// no context that is done when the client leaves, and are used again for other clients once the
// handler has returned, while a scope's context may live on.
//
// A scope that is opened before the route is known stays below the name that the request had
// then: with Mux and SetRoute, what a middleware outside of them opens; where the pattern is
// looked at after the handler, all. Their trace ids lead to the request all the same.
//
// Where one route takes many kinds of calls, as one of Connect or gRPC-gateway does,
// ServerOptions.Name names them, and [Procedures] makes a Name from what generated code has:
//
//	Name: httptel.Procedures(greetv1connect.GreetServiceGreetProcedure),
//
//	http.request.method        string  a known method, or _OTHER
//	http.route                 string  the pattern; absent without one
//	http.response.status_code  int     the status that was sent, not an informational one; 200 where
//	                                   the handler sent none and net/http does; absent where it is
//	                                   not known: after a panic, a hijack, the client's leaving, and
//	                                   inside of a framework that may still send one
//	http.request.body.size     int     bytes that the handler read; absent when there is no body
//	http.response.body.size    int     bytes that the handler wrote; 0 for HEAD
//	http.canceled              bool    true: the request's context was done when the handler
//	                                   returned; mostly the client has left
//	http.hijacked              bool    true: the handler took the connection over
//
// Three attributes are there only when ServerOptions asks for them, as they are about persons or
// written by the client. They are at most 128 bytes of visible ASCII.
//
//	http.request.header.x-request-id  string  with RequestIDHeader
//	client.address                    string  with ClientAddress; see [RemoteAddress], [ForwardedFor]
//	user_agent.original               string  with UserAgent
//
// A status of 500 or more, a panic and a runtime.Goexit make the request a failure. A panic
// goes on as it was. http.ErrAbortHandler is a failure too, unless the client has left, which
// is how httputil.ReverseProxy ends then. A client that leaves is no failure.
//
// The ResponseWriter that a handler gets is a http.Flusher, http.Hijacker, io.ReaderFrom,
// http.Pusher and http.CloseNotifier where the server's is, so that a file is still sent by
// the kernel. http.ResponseController finds the rest. One thing is lost, as with all
// middleware: http.MaxBytesReader does not close the connection of a client that sends too
// much, as net/http looks for a method that no other package can have. Files of a multipart
// form are removed at the end of the request, as without the middleware.
//
// # What a call is
//
// A call is a scope inside that of the request's context. Its name is http.client.get and so
// on, or what ClientOptions.ScopeName returns. It ends when the response's body has been read
// to its end, failed or was closed, so its duration includes the reading. Without a body it
// ends when RoundTrip returns. A body that is never closed, which leaks its connection, has no
// event.
//
//	http.request.method        string  as above
//	server.address             string  the URL's host
//	server.port                int     absent when the URL has none
//	http.response.status_code  int     absent when there was no response
//	http.request.body.size     int     as declared, or as counted where it was not; absent without a body
//	http.response.body.size    int     bytes that the caller read, decompressed by net/http or not
//	http.request.resend_count  int     absent when 0: from [WithAttempt], redirects, and, with
//	                                   Timings, what net/http sent again by itself
//
// An error, of RoundTrip or of reading the body, and a status of 400 or more make the call a
// failure. With Timings there are also dns_s, connect_s, tls_s (absent on a connection that
// was there already), wrote_request_s, first_byte_s, all in seconds, and conn_reused.
//
// The names of the attributes follow the semantic conventions of OpenTelemetry, where these
// have a name, and so does what counts as a failure
// (https://opentelemetry.io/docs/specs/semconv/http/http-spans/). Neither URLs nor header
// fields are recorded, but for the three above: they hold secrets, and are unbounded. Where an error of a transport
// names a URL, its user info, query and fragment are left out.
//
// # Traces
//
// Trace ids travel in the W3C trace context (https://www.w3.org/TR/trace-context/), when the
// Telemetry keeps ids (slogtel.Options.TraceIDs). The middleware carries on the trace of the
// caller, unless ServerOptions.PublicEndpoint. The transport sets traceparent and tracestate
// of each request, in place of any that are there, unless ClientOptions.NoTraceparent: put it
// outside of another instrumentation whose ids are to travel.
//
// Where a traceparent is not valid to the letter, or comes twice, a new trace begins. A
// tracestate is passed on unchanged, unless it is not valid, or has more than 32 members or
// more than 512 bytes: then it is dropped. The sampled flag is 1 for a trace that began here,
// and unchanged for one that did not. It does not decide what is recorded.
//
// A Telemetry that is on and keeps no ids passes on, unchanged, what it got. With a Telemetry
// that is off no handler or transport is wrapped.
//
// All of it is safe for concurrent use.
package httptel
