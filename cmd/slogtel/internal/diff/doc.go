// Package diff is the command that says what differs between two sets of telemetry, and
// whether that is more than chance.
package diff
