package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// shown is what a terminal shows after out: it knows line feed, carriage return
// and how to erase a line or the rest of it.
func shown(out string) []string {
	lines, col := []string{""}, 0
	for out != "" {
		last := &lines[len(lines)-1]
		switch {
		case strings.HasPrefix(out, "\x1b[2K"):
			*last, out = "", out[4:]
		case strings.HasPrefix(out, "\x1b[0K"):
			*last, out = (*last)[:min(col, len(*last))], out[4:]
		case out[0] == '\r':
			col, out = 0, out[1:]
		case out[0] == '\n':
			lines, col, out = append(lines, ""), 0, out[1:]
		default:
			*last += strings.Repeat(" ", max(0, col-len(*last)))
			*last = (*last)[:col] + out[:1] + (*last)[min(col+1, len(*last)):]
			col, out = col+1, out[1:]
		}
	}
	return lines
}

func TestBarAndLinesDoNotMix(t *testing.T) {
	var out bytes.Buffer
	s := &screen{out: &out, terminal: os.Stdin} // any file: the bar is drawn on out
	s.startBar(40, "working")
	var wg sync.WaitGroup
	seen := make(chan struct{}) // until then the bar is not full: it goes when it is
	for i := range 4 {
		wg.Go(func() {
			for n := range 10 {
				if n == 9 {
					<-seen
				}
				fmt.Fprintf(s, "a line of worker %d\n", i)
				s.advance()
			}
		})
	}
	fmt.Fprintln(s, "before the end")
	s.mu.Lock()
	half := shown(out.String())
	s.mu.Unlock()
	close(seen)
	assert.Contains(t, half[len(half)-1], "working", "the bar stands below the lines")
	wg.Wait()
	s.endBar()
	fmt.Fprintln(s, "after it")

	lines := shown(out.String())
	assert.Len(t, lines, 43)
	assert.Equal(t, "after it", lines[41])
	assert.Empty(t, lines[42], "the cursor is on a new line, the bar is gone")
	for _, line := range lines[:41] {
		if line != "before the end" {
			assert.Regexp(t, `^a line of worker \d$`, line)
		}
	}
}

func TestBarThatEndsEarlyIsTakenAway(t *testing.T) {
	var out bytes.Buffer
	s := &screen{out: &out, terminal: os.Stdin}
	s.startBar(10, "working")
	s.advance()
	assert.Contains(t, shown(out.String())[0], "(1/10)")
	s.endBar()
	assert.Equal(t, []string{""}, shown(out.String()))
	s.endBar()
	s.advance()
	assert.Equal(t, []string{""}, shown(out.String()))
}

func TestNoBarWithoutATerminal(t *testing.T) {
	var out bytes.Buffer
	s := newScreen(&out)
	s.startBar(10, "working")
	s.advance()
	fmt.Fprintln(s, "a line")
	s.endBar()
	assert.Equal(t, "a line\n", out.String())
}

func TestPrintable(t *testing.T) {
	assert.Equal(t, "a\tb\né 日本 �[31m�", printable("a\tb\né 日本 \x1b[31m\u202e"))
}
