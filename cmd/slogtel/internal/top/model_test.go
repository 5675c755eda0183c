//go:build !js

package top

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
)

// made is a source of one snapshot.
type made struct{ s *snapshot }

func (m made) snapshot(context.Context) *snapshot { return m.s }

func ptr(v float64) *float64 { return &v }

func sample() *snapshot {
	s := &snapshot{
		Source: "http://localhost:6060/", Time: time.Date(2026, 1, 2, 6, 33, 0, 0, time.UTC), Seconds: 60, OpenCount: 5,
		Open: []open{
			{Scope: "checkout", AgeS: 3723, Attrs: "order=17"},
			{Scope: "checkout.pay", Depth: 1, AgeS: 3720, Error: "card declined"},
			{Scope: "request", AgeS: 0.25},
		},
		Counters:   []metric{{Name: "request.rows", Rate: ptr(412)}, {Name: "request.sent", Rate: ptr(1.5e6), Unit: "By"}},
		Gauges:     []metric{{Name: "load", Last: ptr(0.25)}},
		Histograms: []metric{{Name: "size", Rate: ptr(3), P50: ptr(49), P99: ptr(98)}},
	}
	for i := range 30 {
		s.Scopes = append(s.Scopes, scope{
			Scope: fmt.Sprintf("pipeline.stage%02d.with.a.rather.long.path.indeed", i), Calls: int64(60 * i), Rate: float64(i), Errors: int64(i % 3),
			P50: ptr(float64(i) / 1000), P95: ptr(float64(30-i) / 10), P99: ptr(float64(i)), Max: ptr(100),
		})
	}
	return s
}

func started(s *snapshot, width, height int) *model {
	m := &model{ctx: context.Background(), source: made{s}, interval: time.Second, stopping: func() {}, resumed: func() {}, view: view{sort: "RATE"}}
	m.Update(m.Init()())
	m.Update(tea.WindowSizeMsg{Width: width, Height: height})
	return m
}

// press presses keys: a name in <>, or a character.
func press(m *model, keys string) (last tea.Cmd) {
	named := map[string]tea.KeyPressMsg{
		"tab": {Code: tea.KeyTab}, "enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "back": {Code: tea.KeyBackspace},
		"down": {Code: tea.KeyDown}, "up": {Code: tea.KeyUp}, "end": {Code: tea.KeyEnd}, "pgdn": {Code: tea.KeyPgDown},
		"ctrl+c": {Code: 'c', Mod: tea.ModCtrl}, "ctrl+z": {Code: 'z', Mod: tea.ModCtrl}, "space": {Code: tea.KeySpace, Text: " "},
	}
	for _, k := range regexp.MustCompile(`<[^>]+>|.`).FindAllString(keys, -1) {
		msg, ok := named[strings.Trim(k, "<>")]
		if !ok {
			msg = tea.KeyPressMsg{Code: []rune(k)[0], Text: k}
		}
		_, last = m.Update(msg)
	}
	return last
}

func inUTC(t *testing.T) {
	local := time.Local
	time.Local = time.UTC
	t.Cleanup(func() { time.Local = local })
}

func TestFrames(t *testing.T) {
	inUTC(t)
	lines := sample()
	lines.Open, lines.Problem, lines.Source = nil, "not there, waiting for it: telemetry.jsonl", "telemetry.jsonl"
	lines.Scopes, lines.Seconds, lines.Notes = lines.Scopes[:2], 12, []string{"990 events of more than 10 names (--max-series), in (other)"}
	for name, c := range map[string]struct {
		s             *snapshot
		width, height int
		keys          string
	}{
		"all":     {sample(), 80, 24, ""},
		"sorted":  {sample(), 80, 24, "ssss"},
		"filter":  {sample(), 80, 24, "/*stage1*"},
		"frozen":  {sample(), 80, 24, "<space><tab><down>"},
		"open":    {sample(), 80, 24, "<tab><tab>"},
		"metrics": {sample(), 80, 24, "<tab><tab><tab>"},
		"help":    {sample(), 80, 24, "?"},
		"file":    {lines, 80, 24, ""},
		"small":   {sample(), 40, 10, ""},
		"tiny":    {sample(), 16, 4, ""},
		"wide":    {sample(), 132, 30, ""},
	} {
		t.Run(name, func(t *testing.T) {
			m := started(c.s, c.width, c.height)
			press(m, c.keys)
			testkit.Golden(t, "testdata/"+name+".txt", strings.Join(m.lines(), "\n")+"\n")
		})
	}
}

// Whatever the names are and the size is, no line is wider than the screen, and there are no more than it has.
func TestFramesFit(t *testing.T) {
	s := sample()
	evil := "\x1b[2J\u009b31m\u202e\r\n\t日本語のスコープ👩‍👩‍👧é\u0301\xff\x00"
	for i := range s.Scopes {
		s.Scopes[i].Scope = strings.Repeat(evil, i%4)
	}
	s.Scopes[3].P99, s.Scopes[4].Rate = nil, 1e300
	s.Open[0].Scope, s.Open[0].Attrs, s.Open[1].Error, s.Open[2].Depth = evil, evil, evil, 50
	s.Counters[0].Name, s.Counters[0].Unit, s.Problem, s.Notes, s.Source = evil, strings.Repeat(evil, 9), evil, []string{evil}, evil
	for _, keys := range []string{"", "/x", "<tab>", "<tab><tab>", "<tab><tab><tab>", "?", "<space><end>"} {
		m := started(s, 80, 24)
		press(m, keys)
		for _, styled := range []bool{false, true} {
			m.view.styled = styled
			for _, width := range []int{1, 2, 3, 7, 8, 9, 15, 16, 24, 33, 40, 57, 79, 80, 81, 100, 132} {
				for _, height := range []int{1, 2, 3, 4, 5, 8, 9, 10, 24, 39} {
					m.Update(tea.WindowSizeMsg{Width: width, Height: height})
					lines := m.lines()
					require.LessOrEqual(t, len(lines), height)
					for _, line := range lines {
						require.LessOrEqual(t, ansi.StringWidth(line), width, "%q", line)
						if styled {
							line = ansiStyle.ReplaceAllString(line, "")
						}
						require.NotContains(t, line, "\u202e")
						require.Equal(t, -1, strings.IndexFunc(line, unicode.IsControl), "%q", line)
					}
				}
			}
		}
	}
}

var ansiStyle = regexp.MustCompile(`\x1b\[[0-9]*m`)

func TestKeys(t *testing.T) {
	m := started(sample(), 80, 24)
	first := func() string { return strings.Fields(m.lines()[2])[0] }
	assert.Contains(t, first(), "pipeline.stage29")
	press(m, "r")
	assert.Contains(t, first(), "pipeline.stage00")
	press(m, "S")
	assert.Equal(t, nameColumn, m.view.sort)
	assert.Contains(t, first(), "pipeline.stage00")
	press(m, "r")
	assert.Contains(t, first(), "pipeline.stage29")
	press(m, "S")
	assert.Equal(t, "MAX", m.view.sort, "around")

	press(m, "/stage1x<back>7")
	assert.Contains(t, m.lines()[2], "pipeline.stage17")
	assert.Contains(t, m.lines()[23], "filter: stage17_")
	press(m, "<esc>")
	assert.Empty(t, m.view.filter, "as before")
	press(m, "/q<enter>")
	assert.Equal(t, "q", m.view.filter, "q is a character then")
	m.Update(tea.PasteMsg{Content: "x"})
	assert.Equal(t, "q", m.view.filter)
	press(m, "<esc>")
	assert.Empty(t, m.view.filter)
	press(m, "/"+strings.Repeat("y", 2*maxFilter)+"<enter>")
	assert.Len(t, m.view.filter, maxFilter)
	press(m, "<esc><down><down><up>")
	assert.Equal(t, 1, m.view.offset)
	press(m, "<end>")
	assert.Equal(t, 29, m.view.offset)
	press(m, "<pgdn><pgdn><down>")
	assert.Equal(t, 29, m.view.offset, "not beyond the end")

	for _, keys := range []string{"q", "<ctrl+c>", "/<ctrl+c>"} {
		m := started(sample(), 80, 24)
		require.NotNil(t, press(m, keys))
		assert.Equal(t, tea.QuitMsg{}, press(m, keys)())
	}
	stopped := false
	m.stopping = func() { stopped = true }
	assert.Equal(t, tea.SuspendMsg{}, press(m, "<ctrl+z>")())
	assert.True(t, stopped)
}

// A frozen screen stays as it is, and then shows what is known by then.
func TestFreeze(t *testing.T) {
	s := sample()
	m := started(s, 80, 24)
	press(m, "<space>")
	frozen := m.lines()
	assert.Contains(t, frozen[0], "FROZEN")
	later := sample()
	later.Scopes = later.Scopes[:1]
	_, next := m.Update(snapshotMsg{later})
	assert.NotNil(t, next, "the source is asked again")
	assert.Equal(t, frozen, m.lines())
	press(m, "<space>")
	m.Update(snapshotMsg{later})
	assert.NotContains(t, strings.Join(m.lines(), "\n"), "stage29")
}

// The source is asked by one command at a time, however slow it is.
func TestOneQuestionAtATime(t *testing.T) {
	m := started(sample(), 80, 24)
	_, ask := m.Update(tickMsg{})
	require.NotNil(t, ask)
	_, second := m.Update(tickMsg{})
	assert.Nil(t, second)
	m.Update(ask())
	_, third := m.Update(tickMsg{})
	assert.NotNil(t, third)
	assert.True(t, m.View().AltScreen)
}
