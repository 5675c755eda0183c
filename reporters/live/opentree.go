package live

import (
	"cmp"
	"log/slog"
	"math"
	"slices"
	"time"

	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

// maxShown is how many open scopes are listed, about: the oldest root scopes with all in them.
const maxShown = 500

// A looked is an open scope that somebody looks at.
type looked struct {
	info  scope.Info
	state slogtel.SpanState
}

// openScopes returns the oldest of the scopes that are open, as trees.
func (c *core) openScopes(now time.Time) (list []*Open, count int64) {
	groups := make(map[*slogtel.Span][]*looked)
	for _, s := range c.table.open.all() {
		if state, open := s.State(); open {
			groups[s.Root()] = append(groups[s.Root()], &looked{info: s.Info(), state: state})
			count++
		}
	}
	byAge := make([][]*looked, 0, len(groups))
	for _, g := range groups {
		slices.SortFunc(g, func(a, b *looked) int {
			return cmp.Or(a.state.Start.Compare(b.state.Start), cmp.Compare(a.info.Depth, b.info.Depth))
		})
		byAge = append(byAge, g)
	}
	slices.SortFunc(byAge, func(a, b []*looked) int {
		return cmp.Or(a[0].state.Start.Compare(b[0].state.Start), cmp.Compare(a[0].state.Scope, b[0].state.Scope))
	})
	list = []*Open{}
	shown := 0
	for _, g := range byAge {
		byPath := make(map[string]*Open)
		for _, s := range g {
			if shown++; shown > maxShown {
				return list, count
			}
			o := c.openScope(s, now)
			if around := byPath[s.info.Parent]; around != nil {
				around.Children = append(around.Children, o)
			} else {
				list = append(list, o)
			}
			byPath[s.info.Path], byPath[s.state.Scope] = o, o // the youngest of a path
		}
	}
	return list, count
}

// openScope returns what is known of a scope.
func (c *core) openScope(s *looked, now time.Time) *Open {
	r := slog.Record{Message: s.state.Failure}
	for _, a := range s.state.Attrs[:min(len(s.state.Attrs), maxAttrs)] {
		r.AddAttrs(safe(a, 0))
	}
	failure, attrs := c.clean.all(r)
	return &Open{
		Scope: c.clean.path(s.state.Scope), Start: s.state.Start, AgeS: math.Max(0, now.Sub(s.state.Start).Seconds()),
		Attrs: attrsOf(attrs), Error: cutText(failure),
	}
}
