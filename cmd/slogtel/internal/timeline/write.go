package timeline

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/slogtel/telemetry/internal/jsonenc"
)

// A picture is what a file shows.
type picture struct {
	selection
	tracks
	traces  int  // most that have a group of their own
	partial bool // not all was read
}

func newPicture(s selection, traces int) *picture {
	return &picture{selection: s, tracks: arrange(s.items, traces), traces: traces}
}

// notices say what the picture does not show as one may expect.
func (p *picture) notices() []string {
	var list []string
	if p.partial {
		list = append(list, "not all was read")
	}
	if p.later > 0 {
		last := p.items[len(p.items)-1].start
		list = append(list, fmt.Sprintf("cut: the %d events that begin first are shown, up to %s; %d later ones are left out (--max-events)",
			len(p.items), clock(last).Format(time.RFC3339Nano), p.later))
	}
	if p.shared {
		list = append(list, fmt.Sprintf("there are more than %d traces: they share lanes (--max-traces)", p.traces))
	}
	if p.timeless > 0 {
		list = append(list, fmt.Sprintf("%d events have no time between 1970 and 2261 and are left out", p.timeless))
	}
	return list
}

// write writes the picture as a JSON object of the Trace Event Format, an event a line.
func (p *picture) write(w io.Writer) error {
	origin, last := span(p.items)
	out := writer{to: bufio.NewWriterSize(w, 64<<10)}
	out.enc = json.NewEncoder(&out.one)
	out.enc.SetEscapeHTML(false)
	out.to.WriteString(`{"displayTimeUnit":"ms","otherData":{"made_by":"slogtel timeline"`)
	about := func(key, value string) {
		out.to.Write(jsonenc.AppendString(append(jsonenc.AppendString([]byte{','}, key), ':'), value))
	}
	if len(p.items) > 0 {
		about("time_0", clock(origin).Format(time.RFC3339Nano))
	}
	about("events", strconv.Itoa(len(p.items)))
	for n, notice := range p.notices() {
		about("notice_"+strconv.Itoa(n+1), notice)
	}
	out.to.WriteString(`},"traceEvents":[`)
	out.names(p)
	s := make(sums)
	for _, i := range p.metrics {
		if m := s.metricMark(i, origin); m != nil {
			out.marks(m)
		}
	}
	for _, g := range p.groups {
		for n, i := range g.items {
			out.marks(scopeMarks(i, g.first, g.first+g.places[n], origin)...)
		}
	}
	if p.later > 0 {
		out.marks(&mark{
			Phase: "i", Name: fmt.Sprintf("cut: %d later events are left out", p.later), Category: "notice",
			Thread: metricsNumber, Process: metricsNumber, Time: after(last, origin), Reach: "g",
		})
	}
	out.to.WriteString("\n]}\n")
	return cmp.Or(out.err, out.to.Flush())
}

// names writes the names of the groups and their lanes.
func (out *writer) names(p *picture) {
	if len(p.metrics) > 0 || p.later > 0 {
		out.marks(nameMarks("process", metricsName, metricsNumber, metricsNumber, 0)...)
	}
	for sort, g := range p.groups {
		out.marks(nameMarks("process", g.name, g.first, g.first, sort+1)...)
		for n := range g.lanes {
			out.marks(nameMarks("thread", "lane "+strconv.Itoa(n+1), g.first, g.first+n, n)...)
		}
	}
}

// A writer writes the elements of an array. The first error is kept, here or by what it writes to.
type writer struct {
	to    *bufio.Writer
	one   bytes.Buffer
	enc   *json.Encoder // to one
	begun bool
	err   error
}

func (out *writer) marks(list ...*mark) {
	for _, m := range list {
		if out.begun {
			out.to.WriteString(",\n")
		}
		out.begun = true
		out.one.Reset()
		out.err = cmp.Or(out.err, out.enc.Encode(m))
		out.to.Write(bytes.TrimSuffix(out.one.Bytes(), []byte{'\n'}))
	}
}
