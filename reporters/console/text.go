package console

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/slogtel/telemetry/internal/termtext"
)

// harmless reports whether tint, which quotes a string that needs it, writes s
// without a control character and to its end.
func (c cleaner) harmless(s string) bool {
	wide := false
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case b == esc || b == del:
			return false
		case b == '\\':
			if c.color && strings.HasPrefix(s[i:], literalESC) {
				return false
			}
		case b >= utf8.RuneSelf:
			wide = true
		}
	}
	return !wide || !strings.ContainsRune(s, utf8.RuneError) // which invalid bytes match too
}

const (
	esc        = 0x1b
	del        = 0x7f
	literalESC = `\x1b` // four characters
)

// cleanZone returns t, in a zone whose name is text.
func cleanZone(t time.Time) time.Time {
	name, offset := t.Zone()
	if termtext.Is(name) {
		return t
	}
	return t.In(time.FixedZone(strconv.Quote(name), offset))
}
