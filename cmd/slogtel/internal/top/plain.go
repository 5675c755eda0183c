//go:build !js

package top

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

// frameOf fits lines into a frame.
func frameOf(lines []string, width, height int) []string {
	var out []string
	for _, line := range lines[:min(len(lines), height)] {
		out = append(out, ansi.Truncate(line, width, "…"))
	}
	return out
}

// The widths of a snapshot that is printed, and not for a terminal.
const (
	leastWidth = 80
	mostWidth  = 400
)

// write prints a snapshot: a line of JSON, or all rows, for a terminal of that width; 0 is none.
func write(w io.Writer, s *snapshot, v *view, width int, asJSON bool) error {
	if asJSON {
		b, err := json.Marshal(s)
		if err == nil {
			_, err = w.Write(append(text.JSON(b), '\n'))
		}
		return err
	}
	if width <= 0 {
		width = v.natural(s)
	}
	var b strings.Builder
	for _, line := range frame(s, v, width, 0, "") {
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// natural is the width in which no name is cut.
func (v *view) natural(s *snapshot) int {
	rest := 0
	for _, c := range columns {
		rest += 1 + c.width
	}
	width := max(leastWidth, rest+nameWidth)
	for _, sc := range s.Scopes {
		width = max(width, rest+ansi.StringWidth(text.Clean(sc.Scope)))
	}
	for _, list := range [][]metric{s.Counters, s.Gauges, s.Histograms} {
		for _, m := range list {
			width = max(width, 41+ansi.StringWidth(text.Clean(m.Name)))
		}
	}
	if len(s.Open) > 0 {
		width = max(width, 120)
	}
	return min(width, mostWidth)
}
