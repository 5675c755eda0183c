package main

import (
	"io"
	"os"
	"strings"
	"sync"
	"unicode"

	"github.com/mattn/go-colorable"
	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"
)

// screen is standard error, shared by the lines of the console view and, on a
// terminal, a progress bar below them. Each line takes the bar away, is written
// and puts the bar back, under one lock: they never mix. It is safe for concurrent
// use.
type screen struct {
	terminal *os.File // nil: no bar

	mu  sync.Mutex
	out io.Writer
	bar *progressbar.ProgressBar // nil: none is shown
}

func newScreen(w io.Writer) *screen {
	s := &screen{out: w}
	if f, ok := w.(*os.File); ok && isatty.IsTerminal(f.Fd()) && os.Getenv("TERM") != "dumb" {
		s.terminal = f
		s.out = colorable.NewColorable(f) // for old Windows consoles; the file itself elsewhere
	}
	return s
}

// Fd lets the console view find out whether there are colours.
func (s *screen) Fd() uintptr {
	if s.terminal == nil {
		return ^uintptr(0)
	}
	return s.terminal.Fd()
}

// Write takes whole lines.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bar == nil {
		return s.out.Write(p)
	}
	_ = s.bar.Clear()
	n, err := s.out.Write(p)
	_ = s.bar.RenderBlank() // draws it as it stands, not blank
	return n, err
}

// startBar shows a bar of so many steps, if there is a terminal to show it on.
func (s *screen) startBar(steps int, title string) {
	if s.terminal == nil || steps == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bar = progressbar.NewOptions(steps,
		progressbar.OptionSetWriter(s.out),
		progressbar.OptionUseANSICodes(true),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionSetDescription(title),
		progressbar.OptionShowCount(),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionSetWidth(30),
		progressbar.OptionSetTheme(progressbar.ThemeASCII),
	)
	_ = s.bar.RenderBlank()
}

func (s *screen) advance() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bar != nil {
		_ = s.bar.Add(1)
	}
}

// endBar takes the bar away, full or not.
func (s *screen) endBar() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bar != nil {
		_ = s.bar.Clear()
		s.bar = nil
	}
}

// printable replaces what a terminal would take for a command: file names, answers
// and error texts are not ours. Line feeds and tabs stay.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
