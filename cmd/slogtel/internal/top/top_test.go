package top

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/reporters/live"
	"github.com/slogtel/telemetry/slogtel"
)

var bg = context.Background()

// app is a program with a live page, and where that is.
func app(t *testing.T) (*slogtel.Telemetry, string) {
	h := live.New(&live.Options{Title: "shop", Interval: time.Millisecond})
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return slogtel.New(&slogtel.Options{Mode: slogtel.On}, h), s.URL
}

// start returns a model that has looked once, on a screen of 80 by 24.
func start(t *testing.T, look looker) model {
	m := model{look: look, interval: time.Second, ctx: t.Context(), by: column("p99"), width: 80, height: 24}
	return again(t, m)
}

func again(t *testing.T, m model) model {
	t.Helper()
	next, cmd := m.Update(m.fetch())
	require.NotNil(t, cmd, "it looks again")
	return next.(model)
}

func press(m model, keys ...string) model {
	for _, k := range keys {
		msg := tea.KeyPressMsg{Code: []rune(k)[0], Text: k}
		switch k {
		case "enter":
			msg = tea.KeyPressMsg{Code: tea.KeyEnter}
		case "esc":
			msg = tea.KeyPressMsg{Code: tea.KeyEscape}
		case "down":
			msg = tea.KeyPressMsg{Code: tea.KeyDown}
		case "backspace":
			msg = tea.KeyPressMsg{Code: tea.KeyBackspace}
		}
		next, _ := m.Update(msg)
		m = next.(model)
	}
	return m
}

func screen(t *testing.T, m model) []string {
	t.Helper()
	view := m.View().Content
	assert.NotContains(t, view, "\x1b", "no colours")
	lines := strings.Split(view, "\n")
	assert.LessOrEqual(t, len(lines), m.height)
	for _, l := range lines {
		assert.Less(t, len([]rune(l)), max(2, m.width), "%q", l)
	}
	return lines
}

// names are those of the scopes on the screen.
func names(lines []string) (list []string) {
	for _, l := range lines[3:] {
		if l == "" || strings.HasPrefix(l, "OPEN") {
			break
		}
		list = append(list, strings.Fields(l)[0])
	}
	return list
}

func TestScreen(t *testing.T) {
	tel, url := app(t)
	for name, n := range map[string]int{"often": 9, "seldom": 1, "sometimes": 3} {
		for range n {
			tel.Timing(bg, name, time.Second/time.Duration(n))
		}
	}
	ctx, _ := tel.Start(bg, "import", slog.String("file", "a\x1b[31m.csv"))
	ctx, span := tel.Start(ctx, "part")
	_, failed := tel.Start(ctx, "step")
	failed.Fail(errors.New("no"))
	failed.End()
	look, err := source(t.Context(), url)
	require.NoError(t, err)
	m := start(t, look)
	lines := screen(t, m)
	assert.Regexp(t, `^shop  \d\d:\d\d:\d\d  up \S+  2 open  every 1s$`, lines[0])
	assert.Equal(t, "last 1m, by p99", lines[1])
	assert.Regexp(t, `^SCOPE +CALLS +ERRORS +/S +P50 +P95 +P99 +MAX$`, lines[2])
	assert.Equal(t, []string{"seldom", "sometimes", "often", "import.part.step"}, names(lines))
	assert.Regexp(t, `^often +9 +0 +\S+ +11\dms`, lines[5])
	assert.Regexp(t, `^import\.part\.step +1 +1 `, lines[6])
	open := strings.Join(lines[7:10], "\n")
	assert.Regexp(t, `^OPEN, the oldest first\n +\S+  import file=a\S*\.csv\n +\S+    import\.part$`, open)

	m = press(m, "s", "s")
	assert.Equal(t, "last 1m, by scope", screen(t, m)[1])
	assert.Equal(t, "import.part.step", names(screen(t, m))[0])
	m = press(m, "s")
	assert.Equal(t, []string{"often", "sometimes"}, names(screen(t, m))[:2], "by calls")
	m = press(m, "S", "S", "down", "w")
	assert.Equal(t, "last 10m, by max", screen(t, m)[1])
	assert.Len(t, names(screen(t, m)), 3)

	m = press(m, "/", "P", "A", "R", "X")
	assert.Contains(t, screen(t, m)[1], "filter: PARX_")
	assert.Empty(t, names(screen(t, m)))
	m = press(m, "backspace", "enter")
	lines = screen(t, m)
	assert.Equal(t, []string{"import.part.step"}, names(lines))
	assert.Contains(t, strings.Join(lines, "\n"), "import.part", "with those around it")
	m = press(m, "esc")
	assert.Len(t, names(screen(t, m)), 4)

	m = press(m, "f")
	span.End()
	m = again(t, m)
	assert.Contains(t, screen(t, m)[0], "2 open  FROZEN")
	m = again(t, press(m, "f"))
	assert.Contains(t, screen(t, m)[0], "1 open")

	m.look = func(context.Context) (*live.Page, error) { return nil, errors.New("gone") }
	m = again(t, m)
	assert.Contains(t, screen(t, m)[0], "NO ANSWER: gone")
	for _, size := range [][2]int{{0, 0}, {1, 1}, {20, 3}, {200, 100}} {
		next, _ := m.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		if size[1] > 3 {
			screen(t, next.(model))
		} else {
			next.View()
		}
	}
	_, quit := m.Update(tea.KeyPressMsg{Code: 'q', Text: "q"})
	require.NotNil(t, quit)
	assert.Equal(t, tea.Quit(), quit())
}

func TestGrowingFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.jsonl")
	f, err := jsonlines.Open(path, nil)
	require.NoError(t, err)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, f)
	tel.Timing(bg, "before", time.Second)
	require.NoError(t, tel.Flush(bg))
	look, err := source(t.Context(), path)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		tel.Timing(bg, "call", time.Second)
		require.NoError(t, tel.Flush(bg))
		p, err := look(bg)
		require.NoError(t, err)
		return len(p.Scopes) > 0
	}, time.Minute, 20*time.Millisecond)
	m := start(t, look)
	lines := screen(t, m)
	assert.Equal(t, []string{"call"}, names(lines))
	assert.Contains(t, lines[3], " 1s")
	require.NoError(t, tel.Shutdown(bg))
}

func TestSources(t *testing.T) {
	_, url := app(t)
	html := filepath.Join(t.TempDir(), "x")
	require.NoError(t, os.WriteFile(html, nil, 0o644))
	for _, from := range []string{url, strings.TrimPrefix(url, "http://"), url[strings.LastIndex(url, ":")+1:], url[strings.LastIndex(url, ":"):], html} {
		look, err := source(t.Context(), from)
		require.NoError(t, err, from)
		_, err = look(bg)
		assert.NoError(t, err, from)
	}
	for _, from := range []string{"no-such-file.jsonl", "ftp://x:1", "http://%zz"} {
		_, err := source(t.Context(), from)
		assert.ErrorContains(t, err, "is no file, and no address of a live page", from)
	}
	other := httptest.NewServer(nil)
	defer other.Close()
	look, err := source(t.Context(), other.URL)
	require.NoError(t, err)
	_, err = look(bg)
	assert.ErrorContains(t, err, "404")
}

// command runs the command with keys that are pressed.
func command(t *testing.T, keys string, args ...string) (string, error) {
	var out bytes.Buffer
	in, hand := io.Pipe()
	root := &cli.Command{Name: "slogtel", Writer: &out, Reader: in, Commands: []*cli.Command{Command()}, ExitErrHandler: func(context.Context, *cli.Command, error) {}}
	go func() {
		for _, k := range keys {
			_, _ = io.WriteString(hand, string(k))
		}
	}()
	err := root.Run(t.Context(), append([]string{"slogtel", "top"}, args...))
	return out.String(), err
}

func TestCommand(t *testing.T) {
	tel, url := app(t)
	tel.Timing(bg, "call", time.Second)
	_, err := command(t, "swq", url)
	require.NoError(t, err)
	for want, args := range map[string][]string{
		"expected one address": nil,
		"is no file":           {"x"},
		"--sort: there are":    {"--sort", "x", url},
		"--interval must be":   {"--interval", "0s", url},
		"connection refused":   {testkit.Refused(t)},
	} {
		_, err := command(t, "", args...)
		assert.ErrorContains(t, err, want)
	}
}
