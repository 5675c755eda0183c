//go:build !js

package top

import (
	"context"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

// A model is the state of the screen. It is that of bubbletea: Update is called by one goroutine, and
// commands, which ask the source, run in others, one at a time.
type model struct {
	ctx      context.Context
	source   source
	interval time.Duration
	stopping func() // called before the program is suspended, and
	resumed  func() // after

	view          view
	width, height int
	now           *snapshot // nil: none yet
	asked         bool      // a command asks the source
	typing        bool      // the filter is typed
	before        string    // the filter before
	help          bool
}

type (
	snapshotMsg struct{ s *snapshot }
	tickMsg     struct{}
)

// Init implements [tea.Model].
func (m *model) Init() tea.Cmd {
	m.asked = true
	return m.ask
}

// ask is a command.
func (m *model) ask() tea.Msg { return snapshotMsg{m.source.snapshot(m.ctx)} }

// Update implements [tea.Model].
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case snapshotMsg:
		m.asked = false
		if !m.view.frozen || m.now == nil {
			m.now = msg.s
			m.clampOffset()
		}
		return m, tea.Tick(m.interval, func(time.Time) tea.Msg { return tickMsg{} })
	case tickMsg:
		if !m.asked {
			m.asked = true
			return m, m.ask
		}
	case tea.SuspendMsg, tea.InterruptMsg:
	case tea.ResumeMsg:
		m.resumed()
	case tea.PasteMsg:
		if m.typing {
			m.typed(msg.Content)
		}
	case tea.KeyPressMsg:
		return m, m.key(msg)
	}
	return m, nil
}

// key acts on a key.
func (m *model) key(k tea.KeyPressMsg) tea.Cmd {
	name := k.String()
	switch name {
	case "ctrl+c":
		return tea.Quit
	case "ctrl+z":
		m.stopping()
		return tea.Suspend
	case "ctrl+l":
		return tea.ClearScreen
	}
	if m.typing {
		m.typeKey(name, k.Text)
		return nil
	}
	page := max(1, m.height-4)
	switch name {
	case "q":
		return tea.Quit
	case "?", "h", "f1":
		m.help = !m.help
	case "esc":
		if m.help {
			m.help = false
		} else {
			m.view.filter = ""
		}
	case "s", "right", ">":
		m.sortBy(1)
	case "S", "left", "<":
		m.sortBy(-1)
	case "r":
		m.view.reverse = !m.view.reverse
	case "/":
		m.typing, m.before, m.help = true, m.view.filter, false
	case "space", "f", "p":
		m.view.frozen = !m.view.frozen
	case "tab":
		m.view.part, m.view.offset = (m.view.part+1)%parts, 0
	case "shift+tab":
		m.view.part, m.view.offset = (m.view.part+parts-1)%parts, 0
	case "down", "j":
		m.view.offset++
	case "up", "k":
		m.view.offset--
	case "pgdown", "ctrl+f":
		m.view.offset += page
	case "pgup", "ctrl+b":
		m.view.offset -= page
	case "home", "g":
		m.view.offset = 0
	case "end", "G":
		m.view.offset = m.rows()
	}
	m.clampOffset()
	return nil
}

// sortBy goes to another column.
func (m *model) sortBy(step int) {
	names := sortNames()
	i := slices.Index(names, m.view.sort) + step
	m.view.sort, m.view.reverse, m.view.offset = names[(i+len(names))%len(names)], false, 0
}

// typeKey is a key while the filter is typed.
func (m *model) typeKey(name, chars string) {
	switch name {
	case "enter":
		m.typing = false
	case "esc":
		m.typing, m.view.filter = false, m.before
	case "backspace":
		if r := []rune(m.view.filter); len(r) > 0 {
			m.view.filter = string(r[:len(r)-1])
		}
	case "ctrl+u":
		m.view.filter = ""
	default:
		m.typed(chars)
	}
	m.view.offset = 0
}

// maxFilter is the most bytes of a filter.
const maxFilter = 256

func (m *model) typed(chars string) {
	if len(m.view.filter)+len(chars) <= maxFilter {
		m.view.filter += chars
	}
}

// rows is how many rows can be scrolled.
func (m *model) rows() int {
	if m.now == nil {
		return 0
	}
	match := matcher(m.view.filter)
	switch m.view.part {
	case openPart:
		return m.view.open(m.now, 80, match).n
	case metricsPart:
		return m.view.metrics(m.now, 80, match).n
	}
	return m.view.scopes(m.now, 80, match).n
}

func (m *model) clampOffset() { m.view.offset = min(max(0, m.view.offset), max(0, m.rows()-1)) }

// View implements [tea.Model].
func (m *model) View() tea.View {
	v := tea.NewView(strings.Join(m.lines(), "\n"))
	v.AltScreen = true
	return v
}

// The last line of the screen says which keys there are.
const (
	footer = "q quit  s sort  r reverse  / filter  space freeze  tab parts  ? help"
	typing = "  (enter: keep it, esc: as before; * is any characters)"
)

var help = []string{
	"s S    sort by the next column, the one before",
	"r      reverse the order",
	"/      type a filter: what names have to contain, or a pattern with *",
	"space  freeze, and go on",
	"tab    all, only scopes, only open ones, only metrics",
	"up down pgup pgdn home end   scroll",
	"esc    no filter",
	"q      quit; ctrl-z stops the program, fg goes on",
	"",
	"All is of the last minute. Quantiles are off by 1 % at the most.",
}

// lines are those of the screen.
func (m *model) lines() []string {
	if m.width <= 0 || m.height <= 0 {
		return nil
	}
	if m.help {
		return frameOf(help, m.width, m.height)
	}
	if m.now == nil {
		return frameOf([]string{"reading…"}, m.width, m.height)
	}
	last := footer
	if m.typing {
		last = "filter: " + text.Clean(m.view.filter) + "_" + typing
	}
	return frame(m.now, &m.view, m.width, m.height, last)
}
