package page

import (
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

// An errorKey is what errors have in common.
type errorKey struct {
	scope   *scopeStats
	message string
	note    string // in place of the message, for those whose messages are not kept
}

// errorGroup are the errors of a scope with one message.
type errorGroup struct {
	errorKey
	count       float64
	first, last int64 // Unix nanoseconds at which they ended, if timed
	timed       bool
	examples    []*span
}

const (
	otherMessages   = "(other messages)"
	summaryMessages = "(from summaries, which do not carry the message)"
)

func (m *Model) failure(e *events.Event, s *scopeStats, weight float64) {
	g := m.errorGroup(s, text.Clip(e.Error, m.limits.Text))
	g.count += weight
	if e.InSummary {
		s.inSummary += weight
	}
	end, ok := unixNano(e.Time)
	g.at(end, ok)
	if ok && len(g.examples) < m.limits.Examples {
		g.examples = append(g.examples, &span{
			start: end - max(0, int64(e.Duration)), duration: max(0, int64(e.Duration)), scope: s,
			trace: text.Clip(e.TraceID, 64), id: text.Clip(e.SpanID, 64), attrs: cloneAttrs(e.Attrs, &m.limits),
			source: e.Source,
		})
	}
}

// failures adds what a summary says. Of its errors, those that are events too are counted
// by their messages, see errorGroup.number.
func (m *Model) failures(e *events.Event, s *scopeStats, n float64) {
	g := m.noteGroup(s, summaryMessages)
	g.count += n
	end, ok := unixNano(e.Time)
	g.at(end, ok)
}

// errorGroup returns the group of a message. Beyond the limit it is the one for all
// other messages of the scope.
func (m *Model) errorGroup(s *scopeStats, message string) *errorGroup {
	key := errorKey{scope: s, message: message}
	if g := m.errors[key]; g != nil {
		return g
	}
	if m.messages >= m.limits.Errors {
		m.leftOut.errors++
		return m.noteGroup(s, otherMessages)
	}
	m.messages++
	return m.addGroup(key)
}

func (m *Model) noteGroup(s *scopeStats, note string) *errorGroup {
	key := errorKey{scope: s, note: note}
	if g := m.errors[key]; g != nil {
		return g
	}
	return m.addGroup(key)
}

func (m *Model) addGroup(key errorKey) *errorGroup {
	g := &errorGroup{errorKey: key}
	m.errors[key] = g
	m.errorList = append(m.errorList, g)
	return g
}

// number is how many errors the group has that no other has too.
func (g *errorGroup) number() float64 {
	if g.note == summaryMessages {
		return max(0, g.count-g.scope.inSummary)
	}
	return g.count
}

func (g *errorGroup) at(end int64, ok bool) {
	switch {
	case !ok:
	case !g.timed:
		g.first, g.last, g.timed = end, end, true
	default:
		g.first, g.last = min(g.first, end), max(g.last, end)
	}
}
