// Command table reads the output of go test -bench, of several rounds one after the
// other, and prints one Markdown table: for each benchmark, the library's part
// against each of its peers. The parts of a round run side by side, so each round
// gives a ratio of its own, and the median of these is shown: the machines are noisy,
// and what disturbs a round does so to both. Times are medians, too.
//
//	for round in 1 2 3; do go test -run '^$' -bench . -benchtime 50ms ./bench; done | go run ./bench/table
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// own is the name of the part that is divided by those of the peers.
const own = "slogtel"

// A result is what a part took, in each round: on one processor and on two.
type result struct {
	ns     [2][]float64
	allocs string
}

type group struct {
	name  string
	parts []string // in the order in which they ran
	seen  map[string]*result
}

var line = regexp.MustCompile(`^Benchmark([^/\s]+)/(\S+?)(-2)?\s+\d+\s+([0-9.]+) ns/op(?:.*?\s(\d+) allocs/op)?`)

func main() {
	groups, err := read(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "table: reading standard input:", err)
		os.Exit(1)
	}
	if len(groups) == 0 {
		fmt.Fprintln(os.Stderr, "table: no benchmark results on standard input; pipe the output of go test -bench into it")
		os.Exit(1)
	}
	write(os.Stdout, groups)
}

func read(in io.Reader) ([]*group, error) {
	var groups []*group
	byName := map[string]*group{}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		m := line.FindStringSubmatch(lines.Text())
		if m == nil {
			if t := lines.Text(); strings.HasPrefix(t, "FAIL") || strings.HasPrefix(t, "---") || strings.HasPrefix(t, "panic") {
				return nil, fmt.Errorf("a benchmark failed: %s", t)
			}
			continue
		}
		g := byName[m[1]]
		if g == nil {
			g = &group{name: m[1], seen: map[string]*result{}}
			byName[m[1]] = g
			groups = append(groups, g)
		}
		ns, err := strconv.ParseFloat(m[4], 64)
		if err != nil {
			return nil, err
		}
		part := strings.ReplaceAll(m[2], "_", " ")
		r := g.seen[part]
		if r == nil {
			r = &result{allocs: m[5]}
			g.seen[part] = r
			g.parts = append(g.parts, part)
		}
		r.ns[len(m[3])/2] = append(r.ns[len(m[3])/2], ns)
	}
	return groups, lines.Err()
}

func write(w io.Writer, groups []*group) {
	fmt.Fprintln(w, "| benchmark | against | ratio | ns/op | peer ns/op | allocs/op | peer allocs/op | scaling | peer scaling |")
	fmt.Fprintln(w, "|---|---|--:|--:|--:|--:|--:|--:|--:|")
	for _, g := range groups {
		us := g.seen[own]
		if us == nil || len(us.ns[0]) == 0 {
			continue
		}
		for _, peer := range g.parts {
			them := g.seen[peer]
			if peer == own || len(them.ns[0]) == 0 {
				continue
			}
			fmt.Fprintf(w, "| %s | %s | %.2f | %.4g | %.4g | %s | %s | %s | %s |\n", g.name, peer, ratio(us.ns[0], them.ns[0]),
				median(us.ns[0]), median(them.ns[0]), us.allocs, them.allocs, us.scaling(), them.scaling())
		}
	}
}

// scaling is how many times as much two processors do as one, or nothing if only one was measured.
// Rounds that other work has disturbed have the least of two processors for themselves: the best
// round of each is compared.
func (r *result) scaling() string {
	if len(r.ns[1]) == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", slices.Min(r.ns[0])/slices.Min(r.ns[1]))
}

// ratio is the median of the rounds' ratios.
func ratio(ours, theirs []float64) float64 {
	ratios := make([]float64, min(len(ours), len(theirs)))
	for i := range ratios {
		ratios[i] = ours[i] / theirs[i]
	}
	return median(ratios)
}

func median(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	return values[len(values)/2]
}
