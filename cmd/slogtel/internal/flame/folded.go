package flame

import (
	"bufio"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/tree"
)

// writeFolded writes the stacks in the format of flamegraph.pl
// (https://github.com/brendangregg/FlameGraph): a line a stack, its frames joined by
// semicolons, a space, and the value, which is left out with its line where it is 0.
func writeFolded(w io.Writer, nodes []*node, value int) error {
	buffer := bufio.NewWriter(w)
	var line []byte
	for _, s := range folded(nodes, value) {
		line = append(line[:0], s.stack...)
		line = append(line, ' ')
		line = strconv.AppendInt(line, s.value, 10)
		line = append(line, '\n')
		if _, err := buffer.Write(line); err != nil {
			return err
		}
	}
	return buffer.Flush()
}

type foldedStack struct {
	stack string
	value int64
}

func folded(nodes []*node, value int) []foldedStack {
	var list []foldedStack
	for _, n := range nodes {
		if v := n.values()[value]; v > 0 {
			list = append(list, foldedStack{fold(n.frames()), v})
		}
	}
	slices.SortStableFunc(list, func(a, b foldedStack) int { return strings.Compare(a.stack, b.stack) })
	return list
}

// fold joins the names of frames, each as it reads below the one before.
func fold(frames []*tree.Node) string {
	var b strings.Builder
	for i, n := range frames {
		name := n.Path
		if i > 0 {
			b.WriteByte(';')
			if rest, ok := strings.CutPrefix(name, frames[i-1].Path+"."); ok {
				name = rest
			}
		}
		b.WriteString(strings.ReplaceAll(text.Clean(name), ";", ":"))
	}
	return b.String()
}
