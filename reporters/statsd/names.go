package statsd

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// A charset says of each byte whether it may stay.
type charset [256]bool

// Every byte allowed here is one that no daemon gives a meaning to in that place.
var (
	nameBytes  = charsetOf("_-.")
	valueBytes = charsetOf("_-./@+%")
	dogBytes   = charsetOf("_-./@+%:")
)

// charsetOf returns the ASCII letters and digits and the bytes of more.
func charsetOf(more string) *charset {
	var set charset
	for c := byte('0'); c <= 'z'; c++ {
		set[c] = '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c
	}
	for i := range len(more) {
		set[more[i]] = true
	}
	return &set
}

// appendClean appends at most limit bytes of text, with an underscore for each
// character that is not in set, and reports whether it cut text off. It looks at
// no more of text than it appends.
func appendClean(dst []byte, text string, set *charset, limit int) (_ []byte, cut bool) {
	n := min(len(text), limit)
	for i := range n {
		if !set[text[i]] {
			return appendReplaced(append(dst, text[:i]...), text[i:], set, limit-i)
		}
	}
	return append(dst, text[:n]...), n < len(text)
}

func appendReplaced(dst []byte, text string, set *charset, limit int) (_ []byte, cut bool) {
	for i := 0; i < len(text); limit-- {
		if limit == 0 {
			return dst, true
		}
		c := text[i]
		switch {
		case set[c]:
			dst = append(dst, c)
			i++
		case c < utf8.RuneSelf:
			dst = append(dst, '_')
			i++
		default:
			dst = append(dst, '_')
			_, size := utf8.DecodeRuneInString(text[i:])
			i += size
		}
	}
	return dst, false
}

// clean returns text with an underscore for each character that is not in set.
func clean(text string, set *charset, limit int) string {
	b, _ := appendClean(nil, text, set, limit)
	return string(b)
}

// A class is what a daemon takes a name for. One name can be of one class only:
// statsd_exporter drops what comes under the name of something else, and DataDog adds
// it to that.
type class string

var classes = [kinds]class{
	timing: "timing", counter: "counter", floatCounter: "counter", gauge: "gauge", delta: "gauge", histogram: "histogram", set: "set",
}

// observed reports whether daemons make several metrics of one.
func (c class) observed() bool { return c == classes[timing] || c == classes[histogram] }

// What daemons append to the name of a timing or histogram.
var (
	derivedNames    = []string{"_count", "_sum", "_bucket"} // statsd_exporter
	dogDerivedNames = append(slices.Clip(derivedNames), "_avg", "_median", "_max", "_min", "_95percentile")
)

// taken are names that mean something to a daemon already, as it writes them; each stands
// for those that begin with it.
var taken = []string{
	"_e", "_sc", // events and service checks, to DataDog's agent and telegraf
	// What statsd_exporter says of itself. It answers no scrape any more when there is
	// another metric of the name.
	"go_gc_", "go_goroutines", "go_info", "go_memstats_", "go_sched_", "go_threads",
	"process_cpu_seconds_total", "process_max_fds", "process_network_", "process_open_fds",
	"process_resident_memory_bytes", "process_start_time_seconds", "process_virtual_memory_",
	"promhttp_", "statsd_exporter_", "statsd_metric_mapper_",
}

// reserved reports whether a metric must not have this name.
func reserved(name string) bool {
	name = plainName(name)
	return slices.ContainsFunc(taken, func(begin string) bool { return strings.HasPrefix(name, begin) })
}

// names are the names in use, as a daemon sees them that has no more than letters,
// digits and underscores. It is safe for concurrent use.
type names struct {
	derived []string
	keep    int // names without a series that are remembered

	mu sync.Mutex
	of map[string]*claim
}

type claim struct {
	class  class
	series int // that have the name now
}

// plainName returns name as a daemon with the fewest characters has it.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '.' {
			return '_'
		}
		return r
	}, name)
}

// take claims a name for a series of this class, and reports whether that is possible.
func (n *names) take(name string, c class) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if have := n.of[name]; have != nil {
		if have.class == c {
			have.series++
		}
		return have.class == c
	}
	for _, d := range n.derived {
		if c.observed() && n.of[name+d] != nil {
			return false
		}
		if base, ok := strings.CutSuffix(name, d); ok && n.of[base] != nil && n.of[base].class.observed() {
			return false
		}
	}
	if len(n.of) >= n.keep {
		for name, have := range n.of {
			if have.series == 0 {
				delete(n.of, name)
			}
		}
	}
	n.of[name] = &claim{c, 1}
	return true
}

// release gives up the claim of one series. The name stays what it was while there is
// room: the daemon remembers it as well.
func (n *names) release(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if have := n.of[name]; have != nil {
		have.series--
	}
}

// newNamed lays out the series with this key, under a name that no other class has: the
// first one to come keeps the name, and a later one has its class after it. It returns
// nil when even that is taken.
func (st *store) newNamed(key string) *series {
	c := classes[key[0]]
	for i := range 4 {
		suffix := ""
		switch {
		case i == 1:
			suffix = "_" + string(c)
		case i > 1:
			suffix = fmt.Sprintf("_%s_%d", c, i)
		}
		x := st.newSeries(key, suffix)
		x.claimed = plainName(x.name)
		if st.names.take(x.claimed, c) {
			x.renamed = i > 0
			x.altered = x.renamed || x.cut || x.lost > 0
			x.quick = x.kind == counter && !x.altered && !st.timestamps
			if x.renamed {
				st.report(fmt.Errorf("statsd: a %s is sent as %.200q: its name is taken by a metric of another kind", c, x.name))
			}
			return x
		}
	}
	return nil
}
