package handlers

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/slogtel/telemetry/internal/forward"
	"github.com/slogtel/telemetry/internal/glob"
	"github.com/slogtel/telemetry/scope"
)

// Levels are the least levels of what is logged: one for all, and others for scopes by
// pattern. They can be changed at any time, from any goroutine.
//
// As a text they are a list such as
//
//	info,api.*=debug,health.*=error
//
// of one level and any number of pattern=level. A level is as [slog.Level.UnmarshalText]
// takes it: debug, info, warn, error, in any case, also info+2. In a pattern * stands for
// any characters, dots included, or none. The first pattern that matches the scope of the
// context decides, so log with it: logger.DebugContext(ctx, …).
//
// A Levels is a [slog.Leveler], too: the level for all.
type Levels struct{ now atomic.Pointer[levels] }

// levels is immutable.
type levels struct {
	text  string
	all   slog.Level
	rules []levelRule
}

type levelRule struct {
	pattern glob.Pattern
	level   slog.Level
}

var (
	_ slog.Leveler = (*Levels)(nil)
	_ http.Handler = (*Levels)(nil)
)

// NewLevels returns the levels that the text says. The empty text is info.
func NewLevels(text string) (*Levels, error) {
	l := new(Levels)
	return l, l.Set(text)
}

// Set changes the levels. If the text cannot be understood, the levels stay as they are.
func (l *Levels) Set(text string) error {
	next := new(levels)
	if strings.TrimSpace(text) == "" {
		text = "info"
	}
	given := false
	var shown []string
	for _, entry := range strings.Split(text, ",") {
		pattern, name, isRule := strings.Cut(strings.TrimSpace(entry), "=")
		if !isRule {
			pattern, name = "", pattern
		}
		pattern, name = strings.TrimSpace(pattern), strings.ToLower(strings.TrimSpace(name))
		if isRule {
			shown = append(shown, pattern+"="+name)
		} else {
			shown = append(shown, name)
		}
		var level slog.Level
		if err := level.UnmarshalText([]byte(name)); err != nil || isRule && pattern == "" || !isRule && given {
			return fmt.Errorf("handlers: levels %q: %q is not allowed: give one of debug, info, warn, error, and for some scopes pattern=level, as in \"info,api.*=debug\"", text, entry)
		}
		if isRule {
			next.rules = append(next.rules, levelRule{glob.New(pattern), level})
		} else {
			next.all, given = level, true
		}
	}
	next.text = strings.Join(shown, ",")
	l.now.Store(next)
	return nil
}

func (l *Levels) load() *levels {
	if n := l.now.Load(); n != nil {
		return n
	}
	return &levels{text: "info"}
}

// String returns the levels as a text that Set takes.
func (l *Levels) String() string { return l.load().text }

// Level returns the level for all.
func (l *Levels) Level() slog.Level { return l.load().all }

// Of returns the level for the scope of ctx.
func (l *Levels) Of(ctx context.Context) slog.Level {
	n := l.load()
	if len(n.rules) == 0 {
		return n.all
	}
	info, ok := scope.FromContext(ctx)
	if !ok {
		return n.all
	}
	i := slices.IndexFunc(n.rules, func(r levelRule) bool { return r.pattern.Matches(info.Path) })
	if i < 0 {
		return n.all
	}
	return n.rules[i].level
}

// Middleware returns next, disabled for what is below the levels. What next itself is
// disabled for stays so. It is a [Middleware].
func (l *Levels) Middleware(next slog.Handler) slog.Handler {
	return &gate{Optional: forward.Optional{To: next}, next: next, levels: l}
}

// maxLevelsText is the most bytes of a request's body.
const maxLevelsText = 4 << 10

// ServeHTTP answers GET with the levels as a text, and sets them to the body of a PUT or a
// POST. What cannot be understood is answered with 400 and the reason. It asks nobody who
// they are: serve it where only operators come.
func (l *Levels) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodPut, http.MethodPost:
		text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxLevelsText))
		if err == nil {
			err = l.Set(strings.TrimSpace(string(text)))
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	default:
		w.Header().Set("Allow", "GET, HEAD, PUT, POST")
		http.Error(w, "GET the levels, or PUT new ones", http.StatusMethodNotAllowed)
		return
	}
	_, _ = fmt.Fprintln(w, l)
}
