package live_test

import (
	"fmt"
	"log/slog"
	"sort"
	"strings"

	"github.com/slogtel/telemetry/reporters/live"
)

// onlyHandles has none of the optional methods of a handler.
type onlyHandles struct{ slog.Handler }

// An mnode is what TestModel compares of a scope, or of something that happened in one.
type mnode struct {
	text string
	kids []*mnode
}

func (n *mnode) lines(depth int, out *[]string) {
	*out = append(*out, strings.Repeat(" ", depth)+n.text)
	var subs []string
	for _, k := range n.kids {
		var l []string
		k.lines(depth+1, &l)
		subs = append(subs, strings.Join(l, "\n"))
	}
	sort.Strings(subs)
	*out = append(*out, subs...)
}

func (n *mnode) String() string { var l []string; n.lines(0, &l); return strings.Join(l, "\n") }

func attrText(m map[string]int) string {
	var l []string
	for k, v := range m {
		l = append(l, fmt.Sprintf("%s=%d", k, v))
	}
	sort.Strings(l)
	return strings.Join(l, ",")
}

func liveNode(n *live.Node) *mnode {
	m := map[string]int{}
	for _, a := range n.Attrs {
		if g, ok := a.Value.(live.Attrs); ok {
			for _, b := range g {
				v, _ := b.Value.(float64)
				m[b.Key] = int(v)
			}
			continue
		}
		v, _ := a.Value.(float64)
		m[a.Key] = int(v)
	}
	out := &mnode{text: fmt.Sprintf("%s %s %s v=%v u=%s {%s}", n.Kind, n.Name, n.Error, n.Value, n.Unit, attrText(m))}
	for _, k := range n.Children {
		out.kids = append(out.kids, liveNode(k))
	}
	return out
}
