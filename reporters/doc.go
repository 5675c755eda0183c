// Package reporters is the parent of the destinations of telemetry: handlers that need to know
// a timing from a counter. It has no code of its own.
//
//	tel := slogtel.New(nil,
//		console.New(os.Stderr, nil),  // for the eye of a developer
//		jsonlines.New(file, nil))     // for a log shipper
//	defer tel.Shutdown(context.Background())
//
// Destinations:
//
//	console     lines for the eye of a developer, on a terminal
//	jsonlines   lines of JSON: flat, ECS, Google Cloud, Datadog, CloudWatch's EMF; to any writer or a file
//	memory      sums in memory: a report at the end of a program, a snapshot for tests and debug pages
//	live        a page of what the program is doing now, that it serves itself
//	statsd      StatsD and DogStatsD, over UDP, TCP or a Unix socket
//	prometheus  metrics to be scraped by Prometheus, in a module of its own
//
// In front of a destination:
//
//	aggregate   one summary of each scope or metric in an interval, in place of its events
//	wide        one record of each request or job, in place of the events inside it
//	tailsample  whole traces: failed, slow, and a share of the rest
//
// For all of them:
//
//	fromenv     a handler, a Telemetry and their shutdown, chosen by environment variables
//
// Each destination is a [log/slog.Handler], so it can be given to slogtel.New, to slog.New, or to any
// fan-out of handlers. Its documentation says what it does with ordinary log records. An app
// compiles only the packages that it imports.
//
// For a destination that is not here, implement the two methods of slogtel.Reporter and wrap
// them with slogtel.NewHandler.
//
// All handlers are safe for concurrent use. Nil options are the defaults; options are copied.
package reporters
