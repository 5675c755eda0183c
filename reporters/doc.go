// Package reporters holds the destinations of telemetry: handlers that need to
// know a timing from a counter.
//
//	tel := slogtel.New(nil,
//		reporters.NewConsole(os.Stderr, nil), // for the eye of a developer
//		reporters.NewJSON(file, nil))         // for a log shipper
//	defer tel.Shutdown(context.Background())
//
// Each is a [log/slog.Handler], so it can be given to slogtel.New, to slog.New,
// or to any fan-out of handlers; what each does with ordinary log records its
// documentation says. [NewAggregate] stands in front of one and sends it a summary a
// scope and interval in place of each event. For a destination that is not here, implement the two
// methods of [Reporter] and wrap them with [NewHandler].
//
// All handlers are safe for concurrent use. Nil options are the defaults; options
// are copied.
package reporters
