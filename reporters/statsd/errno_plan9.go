package statsd

import "strings"

// isRefused reports whether the other host said that nobody listens.
func isRefused(err error) bool { return err != nil && strings.Contains(err.Error(), "refused") }

// isTooLarge reports whether the socket takes no packet of that size.
func isTooLarge(error) bool { return false }
