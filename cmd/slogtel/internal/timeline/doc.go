// Package timeline is the command that makes of telemetry a picture of what ran when, for
// ui.perfetto.dev and chrome://tracing.
package timeline
