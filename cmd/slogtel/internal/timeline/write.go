package timeline

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"time"
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
	line := append(out.line, `{"displayTimeUnit":"ms","otherData":{"made_by":"slogtel timeline"`...)
	if len(p.items) > 0 {
		line = appendText(line, "time_0", clock(origin).Format(time.RFC3339Nano))
	}
	line = appendText(line, "events", strconv.Itoa(len(p.items)))
	for n, notice := range p.notices() {
		line = appendText(line, "notice_"+strconv.Itoa(n+1), notice)
	}
	out.line = append(line, `},"traceEvents":[`...)

	out.names(p)
	s := make(sums)
	for _, i := range p.metrics {
		out.next(s.appendMetric(out.line, i, origin))
	}
	for _, g := range p.groups {
		for n, i := range g.items {
			out.next(appendScope(out.line, i, g.first, g.first+g.places[n], origin))
		}
	}
	if p.later > 0 {
		cut := appendHead(out.line, 'i', fmt.Sprintf("cut: %d later events are left out", p.later), "notice", metricsNumber)
		cut = appendInt(cut, "pid", metricsNumber)
		cut = appendMicros(cut, "ts", last-origin)
		out.next(append(cut, `,"s":"g"}`...))
	}
	return out.end()
}

// names writes the names of the groups and their lanes.
func (out *writer) names(p *picture) {
	if len(p.metrics) > 0 || p.later > 0 {
		out.next(appendName(out.line, "process", metricsName, metricsNumber, metricsNumber, 0))
	}
	for sort, g := range p.groups {
		out.next(appendName(out.line, "process", g.name, g.first, g.first, sort+1))
		for n := range g.lanes {
			out.next(appendName(out.line, "thread", "lane "+strconv.Itoa(n+1), g.first, g.first+n, n))
		}
	}
}

// A writer writes the elements of an array. The first error stops it.
type writer struct {
	to    *bufio.Writer
	line  []byte // what precedes the next element; what is appended to it is the element
	begun bool
	err   error
}

func (out *writer) next(line []byte) {
	if len(line) == len(out.line) { // nothing to show
		return
	}
	if out.err == nil {
		_, out.err = out.to.Write(line)
	}
	out.line = append(line[:0], ",\n"...)
	out.begun = true
}

func (out *writer) end() error {
	line := out.line
	if out.begun {
		line = line[:0]
	}
	if out.err == nil {
		_, out.err = out.to.Write(append(line, "\n]}\n"...))
	}
	if out.err == nil {
		out.err = out.to.Flush()
	}
	return out.err
}
