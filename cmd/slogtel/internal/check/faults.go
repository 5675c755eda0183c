package check

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

const (
	maxFaults = 1000 // kinds of faults that are told apart
	maxPlaces = 3    // of a kind
)

// A place is where a fault is.
type place struct {
	input int // in the order of the inputs
	events.Position
}

func (p place) compare(o place) int {
	return cmp.Or(cmp.Compare(p.input, o.input), cmp.Compare(p.Line, o.Line))
}

// A fault is all that is wrong in the same way.
type fault struct {
	places []place // the first ones
	count  int64
	text   string // of the first place
}

// faults gather what is wrong, in bounded memory. They are a worker's, and share the room with those of the others.
type faults struct {
	kinds collect.Table[string, fault]
	count int64
	lines int64
	order map[string]int // of the inputs
}

const otherFaults = "(other faults)"

func newFaults(room *collect.Room[string], order map[string]int, turn *events.Turn) faults {
	return faults{order: order, kinds: collect.Table[string, fault]{
		Admit: func(kind string) bool { return room.Admit(kind, turn) },
		Other: func(string) string { return otherFaults },
		New:   func(string) *fault { return new(fault) },
	}}
}

// add adds a fault of a kind.
func (f *faults) add(kind string, at events.Position, err error) {
	f.count++
	in, _ := f.kinds.Of(kind)
	in.count++
	in.put(place{f.order[at.Input], at}, err.Error)
}

func (f *fault) put(p place, tell func() string) {
	i, _ := slices.BinarySearchFunc(f.places, p, place.compare)
	if i == 0 {
		f.text = text.Cut(text.Clean(tell()), 1000)
	}
	if i < maxPlaces {
		f.places = slices.Insert(f.places, i, p)
		f.places = f.places[:min(len(f.places), maxPlaces)]
	}
}

// merge adds what others have.
func (f *faults) merge(o *faults) {
	f.count += o.count
	f.lines += o.lines
	f.kinds.Merge(&o.kinds, func(in, from *fault) {
		in.count += from.count
		for _, p := range from.places {
			in.put(p, func() string { return from.text })
		}
	})
}

// write writes the faults, the first of each kind and how many more there are; most is how many kinds, and 0 for all.
func (f *faults) write(w io.Writer, most int) {
	list := slices.SortedFunc(maps.Values(f.kinds.All), func(a, b *fault) int {
		return cmp.Or(a.places[0].compare(b.places[0]), cmp.Compare(a.text, b.text))
	})
	rest := int64(0)
	for i, in := range list {
		if most > 0 && i >= most {
			rest += in.count
			continue
		}
		fmt.Fprintf(w, "%s:%d: %s\n", text.Clean(in.places[0].Input), in.places[0].Line, in.text)
		if in.count > 1 {
			var more []string
			for _, p := range in.places[1:] {
				more = append(more, fmt.Sprintf("%s:%d", text.Clean(p.Input), p.Line))
			}
			etc := ""
			if in.count > int64(len(in.places)) {
				etc = ", …"
			}
			how := "times"
			if in == f.kinds.All[otherFaults] {
				how = "problems of further kinds, such as this one"
			}
			fmt.Fprintf(w, "    %d %s: also %s%s\n", in.count, how, strings.Join(more, ", "), etc)
		}
	}
	if rest > 0 {
		fmt.Fprintf(w, "and %d more of %d other kinds (--max)\n", rest, len(list)-most)
	}
	if f.count == 0 {
		fmt.Fprintln(w, "0 problems")
		return
	}
	fmt.Fprintf(w, "%d problems in %d lines\n", f.count, f.lines)
}

// kindOf is what a message of the reader has in common with others of its kind: what it quotes, and
// numbers in it, are of the line.
func kindOf(message string) string {
	var b strings.Builder
	for i := 0; i < len(message); i++ {
		switch c := message[i]; {
		case c == '"' || c == '\'':
			b.WriteByte(c)
			if end := strings.IndexByte(message[i+1:], c); end >= 0 {
				i += end + 1
			}
		case c-'0' <= 9:
			b.WriteByte('0')
			for i+1 < len(message) && message[i+1]-'0' <= 9 {
				i++
			}
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
