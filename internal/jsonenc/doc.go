// Package jsonenc holds the pure functions that write JSON: each appends one value to a byte slice
// and returns it, keeps no state, and is safe for concurrent use.
//
// Two promises hold throughout.
//
//   - The text is, byte for byte, what [log/slog.JSONHandler] of the Go release in use writes for the
//     same value. The tests compare the two, over tables and under fuzzing; where a fast path cannot
//     prove its answer, it hands the value to the standard library.
//   - Data never makes a function panic: an Error or MarshalJSON method that does is caught, and what
//     it panicked with is written in place of the value, as slog does it.
//
// Like append, the functions write into the spare capacity of dst, and beyond what they return as its
// contents they may leave scrap there: clip a slice whose backing array others use.
package jsonenc
