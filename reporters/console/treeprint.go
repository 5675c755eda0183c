package console

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slogtel/telemetry/internal/humanize"
	"github.com/slogtel/telemetry/internal/termtext"
)

// A treeNode is a line at its place in the tree.
type treeNode struct {
	*treeItem
	begin, end time.Duration // since the root began
	kids       []*treeNode
	critical   bool // the root would have ended earlier without it
}

// write writes a root scope whole, in one Write. End is its own line, or nil if it has not
// ended; st is nil if nothing is known of what is inside.
func (t *tree) write(st *treeRoot, end *treeItem) error {
	var b []byte
	if st == nil {
		b = append(append(append(b, end.head...), end.text...), end.tail...)
	} else {
		st.mu.Lock()
		st.ended = true
		items := st.items
		st.items = nil
		st.mu.Unlock()
		if end == nil && len(items) == 0 && st.root.Ended() {
			return nil // a handler before this one has dropped all of it
		}
		b = appendTree(b, st, items, end)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clear()
	_, err := t.out.Write(b)
	return err
}

func appendTree(b []byte, st *treeRoot, items []treeItem, end *treeItem) []byte {
	if end == nil {
		end = st.unfinished(items)
	}
	root := &treeNode{treeItem: end, end: end.end - end.start}
	place(root, items, end.at.Add(-root.end))
	root.markCritical()
	b = append(append(append(b, end.head...), end.text...), end.tail...)
	return root.appendKids(b, "", root.end)
}

// unfinished is the line of a root that has not ended: it reaches from the first beginning to
// the last end of what is known.
func (st *treeRoot) unfinished(items []treeItem) *treeItem {
	end := &treeItem{
		head: "WRN ", text: string(termtext.Append(nil, st.root.Path)) + " has not ended", tail: "\n",
		isScope: true, path: st.root.Path, spanID: st.root.SpanID, at: st.started,
	}
	for i := range items {
		it := &items[i]
		switch {
		case !it.isScope:
		case end.end == 0:
			end.start, end.end, end.at = it.start, it.end, it.at
		default:
			end.start = min(end.start, it.start)
			if it.end > end.end {
				end.end, end.at = it.end, it.at
			}
		}
	}
	return end
}

// place builds the tree below root.
func place(root *treeNode, items []treeItem, began time.Time) {
	scopes := []*treeNode{root}
	var others []*treeNode
	for i := range items {
		it := &items[i]
		n := &treeNode{treeItem: it}
		if it.isScope {
			n.begin, n.end = it.start-root.start, it.end-root.start
			scopes = append(scopes, n)
		} else {
			n.begin = it.at.Sub(began)
			n.end = n.begin
			others = append(others, n)
		}
	}
	slices.SortStableFunc(scopes[1:], func(a, b *treeNode) int { return cmp.Compare(a.begin, b.begin) })
	bySpan, byPath := map[string]*treeNode{}, map[string][]*treeNode{}
	for _, n := range scopes {
		if n.spanID != "" {
			bySpan[n.spanID] = n
		}
		byPath[n.path] = append(byPath[n.path], n)
	}
	// around returns the scope that n is in: the one with the id, or else the last one of
	// its path that was open when n began.
	around := func(n *treeNode, id string) *treeNode {
		if p := bySpan[id]; p != nil && p != n {
			return p
		}
		of := byPath[n.parent]
		i, _ := slices.BinarySearchFunc(of, n.begin, func(p *treeNode, at time.Duration) int {
			if p.begin <= at {
				return -1
			}
			return 1
		})
		for k := i - 1; k >= max(0, i-64); k-- { // more that run at once are told apart by ids
			if of[k].end >= n.begin && of[k] != n {
				return of[k]
			}
		}
		return root
	}
	for _, n := range scopes[1:] {
		p := around(n, n.parentID)
		p.kids = append(p.kids, n)
	}
	for _, n := range others {
		p := around(n, n.spanID)
		p.kids = append(p.kids, n)
	}
	for _, n := range scopes {
		slices.SortStableFunc(n.kids, func(a, b *treeNode) int { return cmp.Compare(a.begin, b.begin) })
	}
}

// markCritical marks the scopes that the end of n waited for: seen from its end, the one that
// ended last, then the one that ended last before that began, and so on.
func (n *treeNode) markCritical() {
	n.critical = true
	until := n.end
	byEnd := slices.Clone(n.kids)
	slices.SortStableFunc(byEnd, func(a, b *treeNode) int { return cmp.Compare(b.end, a.end) })
	for _, kid := range byEnd {
		if kid.isScope && kid.end <= until {
			kid.markCritical()
			until = kid.begin
		}
	}
}

func (n *treeNode) appendKids(b []byte, indent string, whole time.Duration) []byte {
	const deepest = 20 // beyond that the rest of the line would not be seen
	for i, kid := range n.kids {
		last := i == len(n.kids)-1
		branch, below := "├─ ", "│  "
		if last {
			branch, below = "└─ ", "   "
		}
		b = append(b, kid.head...)
		b = kid.appendBar(b, whole)
		b = append(append(append(b, ' '), indent...), branch...)
		b = append(b, kid.text...)
		if kid.isScope && whole > 0 {
			b = append(b, ' ')
			b = strconv.AppendInt(b, int64(100*float64(kid.end-kid.begin)/float64(whole)+0.5), 10)
			b = append(b, '%')
		} else if !kid.isScope {
			b = humanize.AppendDuration(append(b, " at "...), max(0, kid.begin))
		}
		b = append(b, kid.tail...)
		if len(kid.kids) > 0 {
			deeper := indent
			if strings.Count(indent, "  ") < deepest {
				deeper += below
			}
			b = kid.appendKids(b, deeper, whole)
		}
	}
	return b
}

// appendBar draws when in the time of the root n was: solid where the end of the root waited for it.
func (n *treeNode) appendBar(b []byte, whole time.Duration) []byte {
	const cells = 10
	from, to := 0, cells
	if whole > 0 {
		from = int(float64(n.begin) / float64(whole) * cells)
		from = min(max(from, 0), cells-1)
		to = int(float64(n.end)/float64(whole)*cells + 0.999)
		to = min(max(to, from+1), cells)
	}
	mark := "▒"
	switch {
	case !n.isScope:
		mark, to = "|", from+1
	case n.critical:
		mark = "█"
	}
	for i := range cells {
		if from <= i && i < to {
			b = append(b, mark...)
		} else {
			b = append(b, "·"...)
		}
	}
	return b
}
