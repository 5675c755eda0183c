package top

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
	"github.com/slogtel/telemetry/reporters/live"
)

var columns = []string{"scope", "calls", "errors", "rate", "p50", "p95", "p99", "max"}

func column(name string) int { return slices.Index(columns, name) }

var windows = []string{"1m", "10m", "1h"}

// A model is the state of the screen.
type model struct {
	look     looker
	interval time.Duration
	ctx      context.Context

	page          *live.Page
	err           error // of the last look
	by            int   // of columns
	window        int   // of windows
	filter        string
	typing        bool // a filter is being typed
	frozen        bool
	top           int // rows above the screen
	width, height int
}

type (
	looked struct {
		page *live.Page
		err  error
	}
	tick struct{}
)

func (m model) Init() tea.Cmd { return m.fetch }

func (m model) fetch() tea.Msg {
	p, err := m.look(m.ctx)
	return looked{p, err}
}

func (m model) wait() tea.Cmd {
	return tea.Tick(m.interval, func(time.Time) tea.Msg { return tick{} })
}

func (m model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case tick:
		if m.frozen {
			return m, m.wait()
		}
		return m, m.fetch
	case looked:
		if m.err = msg.err; msg.page != nil && !m.frozen {
			m.page = msg.page
		}
		return m, m.wait()
	case tea.KeyPressMsg:
		return m.key(msg)
	}
	return m, nil
}

func (m model) key(msg tea.KeyPressMsg) (tea.Model, tea.Cmd) {
	if msg.String() == "ctrl+c" {
		return m, tea.Quit
	}
	if m.typing {
		switch msg.String() {
		case "enter":
			m.typing = false
		case "esc":
			m.typing, m.filter = false, ""
		case "backspace":
			if runes := []rune(m.filter); len(runes) > 0 {
				m.filter = string(runes[:len(runes)-1])
			}
		default:
			m.filter = text.Clip(m.filter+msg.Text, 200)
		}
		m.top = 0
		return m, nil
	}
	switch msg.String() {
	case "q":
		return m, tea.Quit
	case "s":
		m.by = (m.by + 1) % len(columns)
	case "S":
		m.by = (m.by + len(columns) - 1) % len(columns)
	case "w":
		m.window = (m.window + 1) % len(windows)
	case "f", "space":
		m.frozen = !m.frozen
	case "/":
		m.typing = true
	case "esc":
		m.filter = ""
	case "down", "j":
		m.top = min(m.top+1, max(0, len(m.rows())-1))
	case "up", "k":
		m.top = max(0, m.top-1)
	case "home", "g":
		m.top = 0
	}
	return m, nil
}

type row struct {
	name string
	w    live.Window
}

func (m model) wants(name string) bool {
	return strings.Contains(strings.ToLower(name), strings.ToLower(m.filter))
}

// rows returns the scopes that are wanted, in their order.
func (m model) rows() (rows []row) {
	if m.page == nil {
		return nil
	}
	for _, s := range m.page.Scopes {
		if m.wants(s.Scope) {
			rows = append(rows, row{s.Scope, s.Windows[windows[m.window]]})
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		if m.by == 0 {
			return strings.Compare(a.name, b.name)
		}
		return cmp.Or(cmp.Compare(a.number(m.by), b.number(m.by))*-1, strings.Compare(a.name, b.name))
	})
	return rows
}

// number is that of a column.
func (r row) number(by int) float64 {
	switch columns[by] {
	case "calls":
		return float64(r.w.Calls)
	case "errors":
		return float64(r.w.Errors)
	case "rate":
		return r.w.Rate
	}
	if p := []*float64{r.w.P50, r.w.P95, r.w.P99, r.w.Max}[by-4]; p != nil {
		return *p
	}
	return -1
}

func (r row) cells() []string {
	cells := []string{text.Int(r.w.Calls), text.Int(r.w.Errors), text.Number(r.w.Rate)}
	for by := 4; by < len(columns); by++ {
		if v := r.number(by); v < 0 {
			cells = append(cells, "-")
		} else {
			cells = append(cells, text.Seconds(v))
		}
	}
	return cells
}

// View shows the screen, in place of what the terminal shows otherwise.
func (m model) View() tea.View {
	v := tea.NewView(m.screen())
	v.AltScreen = true
	return v
}

// screen is the text of the screen: no line is wider, and there are no more lines, than it has. It has no
// colours, and whatever is in a name, nothing that a terminal could act on.
func (m model) screen() string {
	var lines []string
	add := func(format string, args ...any) {
		lines = append(lines, text.Cut(text.Clean(fmt.Sprintf(format, args...)), max(1, m.width-1)))
	}
	state := "every " + m.interval.String()
	switch {
	case m.err != nil:
		state = "NO ANSWER: " + m.err.Error()
	case m.frozen:
		state = "FROZEN"
	case m.page != nil && m.page.Ended:
		state = "telemetry has ended"
	}
	if m.page == nil {
		add("%s", state)
		return strings.Join(lines, "\n")
	}
	add("%s  %s  up %s  %d open  %s", m.page.Title, m.page.Time.Local().Format("15:04:05"), text.Seconds(m.page.UptimeS), m.page.OpenCount, state)
	filter := ""
	if m.filter != "" || m.typing {
		filter = "  filter: " + m.filter
		if m.typing {
			filter += "_"
		}
	}
	add("last %s, by %s%s", windows[m.window], columns[m.by], filter)

	open := m.open()
	rows := m.rows()
	room := max(1, m.height-4) // beside the first two lines, the header and the last line
	forOpen := min(len(open), max(room/3, room-len(rows)))
	forRows := max(0, room-forOpen)
	if forOpen > 0 {
		forRows = max(0, forRows-1) // for their header
	}
	name := max(10, m.width-1-3*8-4*9)
	line := func(first string, cells []string) {
		l := fmt.Sprintf("%-*s", name, text.Cut(text.Clean(first), name))
		for i, c := range cells {
			width := 9
			if i < 3 {
				width = 8
			}
			l += fmt.Sprintf("%*s", width, c)
		}
		add("%s", l)
	}
	line("SCOPE", []string{"CALLS", "ERRORS", "/S", "P50", "P95", "P99", "MAX"})
	for _, r := range rows[min(m.top, len(rows)):min(len(rows), m.top+forRows)] {
		line(r.name, r.cells())
	}
	if forOpen > 0 {
		add("OPEN, the oldest first")
		for _, o := range open[:forOpen] {
			add("%s", o)
		}
	}
	for len(lines) < m.height-1 {
		lines = append(lines, "")
	}
	lines = lines[:min(len(lines), max(1, m.height-1))]
	add("s sort  / filter  w window  f freeze  arrows scroll  q quit")
	return strings.Join(lines[:min(len(lines), max(1, m.height))], "\n")
}

// open is a line for each open scope that is wanted, and those around it.
func (m model) open() (lines []string) {
	var walk func(o *live.Open, depth int) bool
	walk = func(o *live.Open, depth int) bool {
		at := len(lines)
		l := fmt.Sprintf("%9s  %s%s", text.Seconds(o.AgeS), strings.Repeat("  ", min(depth, 10)), o.Scope)
		for _, a := range o.Attrs {
			l += fmt.Sprintf(" %s=%v", a.Key, a.Value)
		}
		if o.Error != "" {
			l += " error=" + o.Error
		}
		lines = append(lines, l)
		wanted := m.wants(o.Scope)
		for _, child := range o.Children {
			wanted = walk(child, depth+1) || wanted
		}
		if !wanted {
			lines = lines[:at]
		}
		return wanted
	}
	for _, o := range m.page.Open {
		walk(o, 0)
	}
	return lines
}
