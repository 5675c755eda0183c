package page

import (
	"strings"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

// clean returns at most max bytes of s, as [text.Clean] makes it: nothing in it acts on
// what is around it. What is cut ends in "…".
func clean(s string, max int) string {
	return clip(text.Clean(clip(s, max)), max)
}

// clip returns a copy of at most max bytes of s, and a "…" if that is not all.
func clip(s string, max int) string {
	if len(s) <= max {
		return strings.Clone(s)
	}
	return strings.ToValidUTF8(s[:max], "") + "…"
}
