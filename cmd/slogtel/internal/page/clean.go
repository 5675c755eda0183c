package page

import (
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

// clean returns at most max bytes of s, as [text.Clean] makes it: nothing in it acts on
// what is around it. What is cut ends in "…".
func clean(s string, max int) string {
	return text.Clip(text.Clean(text.Clip(s, max)), max)
}
