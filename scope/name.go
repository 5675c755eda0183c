package scope

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Pattern is the regular expression (RE2 syntax) of a valid scope name: dotted
// segments, each a lower-case ASCII letter followed by letters, digits and
// underscores. [Validate] accepts exactly the names that it matches.
const Pattern = `^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`

// MaxLength is the length in bytes beyond which [Sanitize] cuts a name.
const MaxLength = 1024

// ErrInvalid is wrapped by every error that [Validate] returns.
var ErrInvalid = errors.New("invalid scope name")

// unnamed stands for a name of which nothing valid is left.
const unnamed = "unnamed"

// Validate reports whether name matches [Pattern]. The error wraps [ErrInvalid]
// and says which byte is wrong and what was expected there; of a long name it
// quotes only the beginning.
func Validate(name string) error {
	if name == "" {
		return fmt.Errorf("%w: the name is empty; want segments such as \"api.request\"", ErrInvalid)
	}
	first := true // at the first byte of a segment
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case 'a' <= c && c <= 'z':
			first = false
		case !first && ('0' <= c && c <= '9' || c == '_'):
		case !first && c == '.':
			if i == len(name)-1 {
				return invalid(name, i, "a dot with no segment after it")
			}
			first = true
		case first && c == '.':
			return invalid(name, i, "an empty segment")
		case first:
			return invalid(name, i, "a segment starts with a letter a-z")
		default:
			return invalid(name, i, "want a-z, 0-9, '_' or '.'")
		}
	}
	return nil
}

func invalid(name string, at int, why string) error {
	r, _ := utf8.DecodeRuneInString(name[at:])
	return fmt.Errorf("%w %s: %q at byte %d: %s", ErrInvalid, quote(name), r, at, why)
}

// quote quotes name, or its beginning when it is long: an error that repeats a
// megabyte of hostile name would be an attack of its own.
func quote(name string) string {
	const most = 64
	if len(name) <= most {
		return fmt.Sprintf("%q", name)
	}
	return fmt.Sprintf("%q… (%d bytes)", name[:most], len(name))
}

// Sanitize returns a valid name that resembles name, and name itself when it is
// valid and no longer than [MaxLength] bytes. Upper-case ASCII letters become
// lower case; other bytes between two that stay become one underscore, those at the
// end of a segment nothing; empty segments and leading underscores are dropped; a segment that starts with a digit gets an x
// before it. Of a name with nothing valid in it "unnamed" is left. Different
// names may become the same one.
func Sanitize(name string) string {
	if len(name) <= MaxLength && Validate(name) == nil {
		return name
	}
	var b strings.Builder
	b.Grow(min(len(name), MaxLength) + 2)
	first, gap := true, false // at the start of a segment; bytes were skipped since the last one kept
	for i := 0; i < len(name) && b.Len() < MaxLength-2; i++ {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		letter, digit := 'a' <= c && c <= 'z', '0' <= c && c <= '9'
		switch {
		case c == '.':
			first, gap = true, false
			continue
		case !letter && !digit && (c != '_' || first):
			gap = true
			continue
		}
		switch {
		case first && b.Len() > 0:
			b.WriteByte('.')
		case !first && gap:
			b.WriteByte('_')
		}
		if first && digit {
			b.WriteByte('x')
		}
		b.WriteByte(c)
		first, gap = false, false
	}
	if b.Len() == 0 {
		return unnamed
	}
	return b.String()
}

// Join returns the path of the scope name inside the scope parent. An empty
// parent is the root; an empty name is no scope of its own.
func Join(parent, name string) string {
	switch {
	case parent == "":
		return name
	case name == "":
		return parent
	}
	return parent + "." + name
}
