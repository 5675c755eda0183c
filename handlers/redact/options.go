package redact

import (
	"log/slog"
	"sync/atomic"

	schema "github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/secrets"
)

// Options are options for [New] and [OnError].
type Options struct {
	// Mask replaces what is hidden. The default is "[REDACTED]".
	Mask string

	// Kinds says what is hidden. The default is everything.
	Kinds Kinds

	// Keys are more names whose values are hidden. Case does not matter. A * in a name stands for
	// any number of characters, a ? for one. A name with dots is a path of groups, which may begin
	// at any group: "user.*" hides everything in a group user. A name without dots is that of a key.
	// Keys apply to attributes, members of groups, maps, structs and JSON. They do not apply to names
	// in running text.
	Keys []string

	// Allow are names of the same form whose values are not hidden by name, even if Keys or the table
	// have them. The values are still searched for secrets by shape.
	Allow []string

	// Stats counts what was hidden. Nil counts nothing.
	Stats *Stats
}

// Kinds are kinds of data to hide. They combine as bits.
type Kinds uint8

const (
	// Secrets hides what gives access: keys, tokens, passwords.
	Secrets Kinds = 1 << iota
	// Personal hides data about persons: card and account numbers by name and by shape; email addresses,
	// phone numbers, dates of birth and the like by name.
	Personal
)

// Stats counts what was hidden. Several middlewares may share one, and it may be read at any time. The zero value is
// ready to use.
type Stats struct{ names, shapes, cut atomic.Int64 }

// Names returns how many values were hidden because of the name they stood under.
func (s *Stats) Names() int64 { return s.names.Load() }

// Shapes returns how many secrets were found by shape, in texts.
func (s *Stats) Shapes() int64 { return s.shapes.Load() }

// Cut returns how many values were left out because they lay too deep or were too many.
func (s *Stats) Cut() int64 { return s.cut.Load() }

// rules are options made ready. Only the cache is ever modified.
type rules struct {
	mask        string
	kinds       secrets.Kind
	keys, allow patterns
	hasPaths    bool
	names       nameCache
	stats       *Stats

	hidesOwn bool                        // an attribute that an event has itself is hidden by its name
	clean    schema.Cache[schema.Series] // whose names have nothing to hide
}

// hides reports whether an attribute with one of these keys is hidden, whatever it is.
func (r *rules) hides(keys []string) bool {
	h := redactor{rules: r}
	w := h.walk()
	defer w.done()
	for _, key := range keys {
		for _, v := range []slog.Value{slog.IntValue(1), slog.StringValue("a")} {
			if _, changed := w.attr(slog.Attr{Key: key, Value: v}); changed || w.label {
				return true
			}
		}
	}
	return false
}

func newRules(opts *Options) *rules {
	if opts == nil {
		opts = &Options{}
	}
	r := &rules{mask: opts.Mask, stats: opts.Stats, keys: newPatterns(opts.Keys), allow: newPatterns(opts.Allow)}
	r.hasPaths = len(r.keys.paths)+len(r.allow.paths) > 0
	if r.mask == "" {
		r.mask = secrets.Mask
	}
	if opts.Kinds&Secrets != 0 {
		r.kinds |= secrets.Secret
	}
	if opts.Kinds&Personal != 0 {
		r.kinds |= secrets.Personal
	}
	if opts.Kinds == 0 {
		r.kinds = secrets.All
	}
	r.clean = schema.NewCache[schema.Series](1 << 10)
	r.hidesOwn = r.hides(schema.ReservedKeys())
	return r
}
