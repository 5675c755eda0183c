package slogtel

import (
	"context"
	"fmt"
	"log/slog"
)

// A leveler is a level that may change while the program runs.
type leveler struct {
	fixed slog.Level
	by    slog.Leveler // nil: fixed
}

// level must stay small enough to be inlined.
func (l *leveler) level() slog.Level {
	if l.by == nil {
		return l.fixed
	}
	return l.by.Level()
}

// newLeveler returns the level of an option, or the default for a nil one. One that
// panics when it is asked, as a nil pointer to a slog.LevelVar does, is reported.
func (c *core) newLeveler(option string, by slog.Leveler, otherwise slog.Level) (l leveler) {
	switch fixed := by.(type) {
	case nil:
		return leveler{fixed: otherwise}
	case slog.Level:
		return leveler{fixed: fixed}
	}
	defer func() {
		if v := recover(); v != nil {
			c.errors.setup(fmt.Errorf("slogtel: Options.%s is taken for %v: %w", option, otherwise, panicked(v)))
			l = leveler{fixed: otherwise}
		}
	}()
	_ = by.Level()
	return leveler{by: by}
}

// tellDeaf reports the reporters that are not enabled for the level of events.
func (c *core) tellDeaf() {
	level, fail := c.level.level(), c.failLevel.level()
	for _, g := range c.reporters {
		if g.Enabled(context.Background(), level) {
			continue
		}
		gets := "it gets none"
		if g.Enabled(context.Background(), fail) {
			gets = fmt.Sprintf("it gets those that failed, at %v, and no other", fail)
		}
		c.errors.setup(&ReporterError{Reporter: g.reporter.name, Err: fmt.Errorf("%w %v: %s", ErrNotEnabled, level, gets)})
	}
}
