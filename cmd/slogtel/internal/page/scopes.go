package page

import (
	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/tree"
)

// A scopeKey is a scope as opened in another. Scopes of one path may differ in their
// parents.
type scopeKey struct{ scope, parent string }

// scopeStats are the timings of a scope.
type scopeStats struct {
	scopeKey
	depth int  // the least
	mixed bool // there were several
	collect.Series
	over  series[latencyRow] // nil beyond the limit
	times tree.Times
	own   float64 // of the page that is being made: seconds, see setOwn
	self  tree.Self
	index int // on the page that is being made
}

// maxKey is the most bytes of a name that tell it from others.
const maxKey = 1024

// scope returns the scope of a timing, or of a summary of timings.
func (m *Model) scope(e *events.Event) *scopeStats {
	key := scopeKey{e.Scope, e.Parent}
	if s := m.scopes[key]; s != nil {
		s.mixed = s.mixed || s.depth != e.Depth
		s.depth = min(s.depth, e.Depth)
		return s
	}
	if len(e.Scope) > maxKey || len(e.Parent) > maxKey {
		key = scopeKey{text.Clip(e.Scope, maxKey), text.Clip(e.Parent, maxKey)}
		if s := m.scopes[key]; s != nil {
			return s
		}
	}
	if len(m.scopes) >= m.limits.Scopes {
		m.leftOut.scopes++
		if m.otherScope == nil {
			m.otherScope = &scopeStats{scopeKey: scopeKey{scope: "(other scopes)"}}
			m.scopeList = append(m.scopeList, m.otherScope)
		}
		return m.otherScope
	}
	s := &scopeStats{scopeKey: key, depth: e.Depth, times: tree.Times{Path: key.scope, Parent: key.parent}}
	if m.latencies < m.limits.Series {
		m.latencies++
		s.over = newSeries(&m.grid, (*latencyRow).merge)
	}
	m.scopes[key] = s
	m.scopeList = append(m.scopeList, s)
	return s
}
