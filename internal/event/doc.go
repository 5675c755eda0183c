// Package event is the schema of telemetry's records: their messages, their keys, which
// of these a caller may not use, what an event is, and the one way to read a record.
//
// Package slogtel shows all of this to apps, under the same names, and its documentation
// has the table of the keys.
package event
