package flame

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/pprof/profile"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/tree"
	"github.com/slogtel/telemetry/internal/tally"
)

// The values of a sample, in their order.
const (
	calls = iota
	failures
	selfTime
)

var valueNames = []string{calls: "calls", failures: "errors", selfTime: "self"}

func valueType(value int) *profile.ValueType {
	if value == selfTime {
		return &profile.ValueType{Type: valueNames[value], Unit: "nanoseconds"}
	}
	return &profile.ValueType{Type: valueNames[value], Unit: "count"}
}

// values returns those of n.
func (n *node) values() []int64 {
	return []int64{calls: collect.Whole(&n.Count), failures: collect.Whole(&n.Errors), selfTime: tally.Whole(n.Own)}
}

// toProfile makes a profile (https://github.com/google/pprof/blob/main/proto/profile.proto)
// whose functions are the paths of scopes and whose stacks are the scopes around each other.
func toProfile(c *collection, nodes []*node, source string) *profile.Profile {
	p := &profile.Profile{
		SampleType:        []*profile.ValueType{valueType(calls), valueType(failures), valueType(selfTime)},
		DefaultSampleType: valueNames[selfTime],
		PeriodType:        valueType(selfTime),
		Period:            1,
		// pprof looks for no program to name the functions when it has a mapping that says they are.
		Mapping: []*profile.Mapping{{ID: 1, File: text.Clean(source), HasFunctions: true}},
		Comments: []string{
			"self time of scopes, by slogtel flame: their time less that of the scopes below, at least 0",
		},
	}
	p.Comments = append(p.Comments, notices(nodes)...)
	if !c.when.First.IsZero() {
		p.TimeNanos = c.when.First.UnixNano()
		p.DurationNanos = max(int64(c.when.Last.Sub(c.when.First)), 0)
	}
	if n := c.overflow(); n > 0 {
		p.Comments = append(p.Comments, fmt.Sprintf("%d calls are in %s: there is room for %d scopes with paths of up to %d bytes", n, other.scope, maxScopes, maxPath))
	}
	locations := make(map[string]*profile.Location)
	for _, n := range nodes {
		values := n.values()
		if values[calls] == 0 && values[failures] == 0 && values[selfTime] == 0 {
			continue
		}
		frames := n.frames()
		s := &profile.Sample{Value: values, Location: make([]*profile.Location, 0, len(frames))}
		for i := len(frames) - 1; i >= 0; i-- { // the innermost comes first
			name := text.Clean(frames[i].Path)
			at := locations[name]
			if at == nil {
				id := uint64(len(locations) + 1)
				f := &profile.Function{ID: id, Name: name, SystemName: name}
				at = &profile.Location{ID: id, Address: id, Mapping: p.Mapping[0], Line: []profile.Line{{Function: f}}}
				locations[name] = at
				p.Function = append(p.Function, f)
				p.Location = append(p.Location, at)
			}
			s.Location = append(s.Location, at)
		}
		p.Sample = append(p.Sample, s)
	}
	return p
}

// notices say of which scopes the self time is not exact.
func notices(nodes []*node) (list []string) {
	estimated, unknown := roughly(nodes)
	if estimated > 0 {
		list = append(list, fmt.Sprintf("the self time of %d scopes is estimated: scopes inside may have run at the same time, and there are no span ids (Options.TraceIDs)", estimated))
	}
	if unknown > 0 {
		list = append(list, fmt.Sprintf("the self time of %d scopes is not known, and 0: scopes inside took longer together than the scope", unknown))
	}
	return list
}

// selfSum is the self time of all scopes.
func selfSum(nodes []*node) time.Duration {
	var sum tally.Sum
	for _, n := range nodes {
		sum.Add(n.Own)
	}
	return time.Duration(tally.Whole(sum.Value()))
}

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
			name = n.Name()
		}
		b.WriteString(strings.ReplaceAll(text.Clean(name), ";", ":"))
	}
	return b.String()
}
