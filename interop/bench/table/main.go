// Command table reads the output of go test -bench and prints one Markdown table:
// for each benchmark, the library's part against each of its peers in the same
// run. Of several runs (-count) the fastest counts, as the others were disturbed.
//
//	go test -run '^$' -bench . -count 5 ./bench | go run ./bench/table
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// own is the name of the part that is divided by those of the peers.
const own = "slogtel"

type result struct {
	ns     float64
	allocs string
}

type group struct {
	name  string
	parts []string // in the order in which they ran
	best  map[string]result
}

var line = regexp.MustCompile(`^Benchmark([^/\s]+)/(\S+?)(?:-\d+)?\s+\d+\s+([0-9.]+) ns/op(?:.*?\s(\d+) allocs/op)?`)

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
			g = &group{name: m[1], best: map[string]result{}}
			byName[m[1]] = g
			groups = append(groups, g)
		}
		ns, err := strconv.ParseFloat(m[3], 64)
		if err != nil {
			return nil, err
		}
		part := strings.ReplaceAll(m[2], "_", " ")
		old, seen := g.best[part]
		if !seen {
			g.parts = append(g.parts, part)
		}
		if !seen || ns < old.ns {
			g.best[part] = result{ns, m[4]}
		}
	}
	return groups, lines.Err()
}

func write(w io.Writer, groups []*group) {
	fmt.Fprintln(w, "| benchmark | against | ratio | ns/op | peer ns/op | allocs/op | peer allocs/op |")
	fmt.Fprintln(w, "|---|---|--:|--:|--:|--:|--:|")
	for _, g := range groups {
		us, ok := g.best[own]
		if !ok {
			continue
		}
		for _, peer := range g.parts {
			if peer == own {
				continue
			}
			them := g.best[peer]
			fmt.Fprintf(w, "| %s | %s | %.2f | %.4g | %.4g | %s | %s |\n",
				g.name, peer, us.ns/them.ns, us.ns, them.ns, us.allocs, them.allocs)
		}
	}
}
