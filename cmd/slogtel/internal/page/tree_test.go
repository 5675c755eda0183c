package page

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/tree"
)

func alone(string) bool { return false }

func stats(scope, parent string, depth int, total float64) *scopeStats {
	s := &scopeStats{scopeKey: scopeKey{scope, parent}, depth: depth}
	s.Add(timing(scope, parent, 0, time.Duration(total*1e9)), true)
	return s
}

func placed(scopes []*scopeStats) []*tree.Node {
	setOwn(scopes, alone)
	return places(scopes)
}

// paths lists the tree: for each node its place, total and self time.
func paths(scopes []*scopeStats) []string {
	var out []string
	for _, n := range placed(scopes) {
		up, own := "-", 0.0
		if n.Timed() {
			own = scopes[n.Index].own
		}
		if n.Up != nil {
			up = n.Up.Path
		}
		out = append(out, fmt.Sprintf("%s in %s: %g, %g", n.Path, up, n.Total/1e9, own))
	}
	return out
}

func TestTree(t *testing.T) {
	assert.Equal(t, []string{
		"a in -: 10, 1",
		"a.c in a: 6, 6",
		"a.b in a: 3, 0", // what is below took longer: it ran side by side
		"a.b.d in a.b: 5, 5",
		"z in -: 2, 2",
	}, paths([]*scopeStats{
		stats("a.b", "a", 1, 3), stats("z", "", 0, 2), stats("a.b.d", "a.b", 2, 5), stats("a", "", 0, 10), stats("a.c", "a", 1, 6),
	}))
}

// What was opened in a scope that was not timed is taken from no other.
func TestTreeWithScopesThatWereNotTimed(t *testing.T) {
	assert.Equal(t, []string{
		"a in -: 9, 9", "a.b.c in a: 7, 0", "a.b.c.d in a.b.c: 4, 4", "a.b.c.e in a.b.c: 3, 3",
		"x in -: 1, 0", "x.y in x: 1, 1",
	}, paths([]*scopeStats{
		stats("a.b.c.d", "a.b.c", 3, 4), stats("a.b.c.e", "a.b.c", 3, 3), stats("a", "", 0, 9), stats("x.y", "x", 1, 1),
	}))
}

func TestTreeOfOnePathInTwoParents(t *testing.T) {
	assert.Equal(t, []string{
		"a in -: 8, 0", "a.b in a: 5, 2", "a.b.c in a.b: 3, 3", "a.b.c in a: 3, 3",
	}, paths([]*scopeStats{
		stats("a", "", 0, 8), stats("a.b", "a", 1, 5), stats("a.b.c", "a.b", 2, 3), stats("a.b.c", "a", 1, 3),
	}))
}

// Nothing gets lost, whatever the scopes say of their parents.
func TestTreeOfLies(t *testing.T) {
	list := placed([]*scopeStats{
		stats("a", "b", 0, 1), stats("b", "a", 0, 2), stats("self", "self", 0, 3), stats("c", "c.d", 0, 1), stats("c.d", "c", 0, 1), stats("", "", 0, 1),
	})
	assert.Len(t, list, 6)
	for i, n := range list {
		if n.Up != nil {
			assert.Contains(t, list[:i], n.Up)
		}
	}
}

func TestTreeOfALongChain(t *testing.T) {
	var scopes []*scopeStats
	path := ""
	for i := range 3000 {
		parent := path
		path += fmt.Sprintf(".%d", i)
		scopes = append(scopes, stats(path, parent, i, 1))
	}
	assert.Len(t, placed(scopes), 3000)
}
