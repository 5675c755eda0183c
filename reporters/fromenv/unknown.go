package fromenv

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// unknown reports variables with our prefix that nothing reads.
func (b *builder) unknown() {
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "SLOGTEL_") || slices.Contains(known, name) {
			continue
		}
		b.errs = append(b.errs, fmt.Errorf("environment variable %.128s is not known: did you mean %s?", name, nearest(name, known)))
	}
}

// nearest returns the one of names that takes the fewest edits to become name.
func nearest(name string, names []string) string {
	return slices.MinFunc(names, func(a, b string) int { return distance(name, a) - distance(name, b) })
}

// distance is Levenshtein's: how many bytes to insert, remove or replace.
func distance(a, b string) int {
	a = a[:min(len(a), 128)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(diagonal+cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
