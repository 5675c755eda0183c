// Package slogjson is a drop-in replacement for log/slog's JSON handler that is faster and does
// not allocate.
//
//	logger := slog.New(slogjson.New(os.Stdout, nil))
//	logger.Info("ready", "port", 8080)
//
// # Same bytes
//
// The bytes are those that the standard handler of the same Go release writes, whatever the
// options, attributes and groups. Where releases of Go and their experiments differ, package
// slogjson asks the standard handler of the program, once, and does the same. That holds even for
// lines that are not JSON: the standard handler leaves out the comma after a group whose members
// are all empty, and up to Go 1.26 writes two values for a time outside of the years 0 to 9999.
//
// The one difference is a group nested more than a thousand deep, such as a LogValuer makes that
// holds itself: it ends in an error string, where the standard handler overflows the stack.
//
// # Cost
//
// Attributes of slog's own kinds are written without an allocation. With AddSource, places in
// the program are looked up once and then remembered, a bounded number of them.
//
// # Writes
//
// A record is one call of Write, made under a mutex that a handler shares with all that are derived
// from it. Handle returns the writer's error, and [io.ErrShortWrite] if the writer took part of the
// line without saying why.
package slogjson
