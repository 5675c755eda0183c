//go:build !plan9

package statsd

import (
	"errors"
	"syscall"
)

// isRefused reports whether the other host said that nobody listens.
func isRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

// isTooLarge reports whether the socket takes no packet of that size.
func isTooLarge(err error) bool { return errors.Is(err, syscall.EMSGSIZE) }
