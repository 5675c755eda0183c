// Package remote reads inputs that are URLs.
package remote

import "strings"

// Is reports whether an input is a URL.
func Is(name string) bool {
	scheme, _, ok := strings.Cut(name, "://")
	return ok && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https"))
}
