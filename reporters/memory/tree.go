package memory

import (
	"cmp"
	"slices"
	"strings"
)

// maxTreeLevels is how many levels are indented, and looked up for the place of a
// scope that was never timed.
const maxTreeLevels = 32

// A treeRow is a line of the scope tree.
type treeRow struct {
	path     string
	stats    *ScopeStats // nil: a scope that others were opened in but that was never timed
	up       *treeRow    // nil at the root
	children []*treeRow
	total    float64 // seconds; of a row without stats, what is below it
	share    float64 // of the time of all scopes with the parent's path; negative: that is 0 or unknown
	level    int
	listed   bool
}

// name is the path as it reads below the row above.
func (r *treeRow) name() string {
	if r.up != nil {
		if rest, ok := strings.CutPrefix(r.path, r.up.path+"."); ok {
			return rest
		}
	}
	return r.path
}

// A scopeTree holds the rows by their paths: scopes of one path differ in their parents.
type scopeTree map[string][]*treeRow

// seconds is the time of all scopes with that path.
func (tree scopeTree) seconds(path string) (sum float64) {
	for _, r := range tree[path] {
		if r.stats != nil {
			sum += r.total
		}
	}
	return sum
}

// listTree returns the rows of the tree from top to bottom, each with its level.
// Among siblings what took longest comes first. Nothing in scopes, which are
// sorted, gets lost, whatever they say of their parents.
func listTree(scopes []ScopeStats) []*treeRow {
	tree := make(scopeTree)
	var rows []*treeRow
	for i := range scopes {
		r := &treeRow{path: scopes[i].Scope, stats: &scopes[i], total: scopes[i].TotalSeconds, share: -1}
		rows = append(rows, r)
		tree[r.path] = append(tree[r.path], r)
	}
	timed := len(rows)
	for _, r := range rows[:timed] {
		if p := r.stats.ParentScope; p != "" && tree[p] == nil {
			untimed := &treeRow{path: p}
			rows = append(rows, untimed)
			tree[p] = append(tree[p], untimed)
		}
	}
	for _, r := range rows {
		if r.up = tree.above(r); r.up != nil {
			r.up.children = append(r.up.children, r)
		}
	}
	for _, r := range rows[:timed] {
		if all := tree.seconds(r.stats.ParentScope); all > 0 {
			r.share = r.total / all
		}
		for up := r.up; up != nil && up.stats == nil; up = up.up {
			up.total += r.total
		}
	}
	sortRows(rows)
	var list []*treeRow
	for _, r := range rows {
		if r.up == nil {
			list = r.appendTo(list, 0)
		}
	}
	for _, r := range rows { // scopes that are each other's parents
		if !r.listed {
			list = r.appendTo(list, 0)
		}
	}
	return list
}

// above finds the row that r stands below. Where the parent's path is that of
// several scopes, it is the one at the right depth.
func (tree scopeTree) above(r *treeRow) *treeRow {
	if r.stats == nil {
		path := r.path
		for range maxTreeLevels {
			dot := strings.LastIndexByte(path, '.')
			if dot < 0 {
				return nil
			}
			path = path[:dot]
			if rows := tree[path]; len(rows) > 0 {
				return rows[0]
			}
		}
		return nil
	}
	rows := tree[r.stats.ParentScope]
	if r.stats.ParentScope == "" || len(rows) == 0 {
		return nil
	}
	for _, up := range rows {
		if up.stats != nil && up.stats.Depth == r.stats.Depth-1 {
			return up
		}
	}
	return rows[0]
}

func sortRows(rows []*treeRow) {
	slices.SortStableFunc(rows, func(a, b *treeRow) int {
		return cmp.Or(cmp.Compare(b.total, a.total), cmp.Compare(a.path, b.path))
	})
}

func (r *treeRow) appendTo(list []*treeRow, level int) []*treeRow {
	if r.listed {
		return list
	}
	r.listed, r.level = true, level
	list = append(list, r)
	sortRows(r.children)
	for _, c := range r.children {
		list = c.appendTo(list, level+1)
	}
	return list
}
