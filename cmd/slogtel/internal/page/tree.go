package page

import (
	"cmp"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/tree"
)

// setOwn finds out how much of their time was the scopes' own.
func setOwn(all []*scopeStats, parallel func(path string) bool) {
	for i, n := range link(all, parallel)[:len(all)] {
		all[i].own, all[i].self = n.Own/float64(time.Second), n.Self
	}
}

func link(list []*scopeStats, parallel func(path string) bool) []*tree.Node {
	scopes := make([]tree.Scope, len(list))
	for i, s := range list {
		scopes[i] = tree.Scope{Path: s.scope, Parent: s.parent, Depth: s.depth, Mixed: s.mixed, Total: s.Total.Value(), Times: s.times}
	}
	return tree.Build(scopes, parallel)
}

// places returns the scopes from top to bottom, parents before their children and of
// siblings what took longest first. It does so whatever they say of their parents.
func places(scopes []*scopeStats) []*tree.Node {
	return tree.List(link(scopes, func(string) bool { return false }), func(a, b *tree.Node) int {
		return cmp.Or(cmp.Compare(b.Total, a.Total), cmp.Compare(a.Path, b.Path))
	})
}
