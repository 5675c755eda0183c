package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/async"
	"github.com/slogtel/telemetry/handlers/redact"
	"github.com/slogtel/telemetry/reporters/live"
	"github.com/slogtel/telemetry/slogtel"
)

type mspan struct {
	span         *slogtel.Span
	ctxs         []context.Context
	paths        []string // of each ctx
	path         string   // final
	parent       *mspan
	parentPath   string
	root         *mspan
	open, failed bool
	failure      string
	node         *mnode
	attrs        map[string]int
	done         bool // of a root: its event has come
	errs         int
}

type mfig struct {
	calls, errs    int64
	sum            float64
	last, min, max float64
}

// What random programs do is shown as a simple model has it: traces, figures and counts, also behind other handlers.
func TestModel(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	for round := range uint64(200) {
		if !modelRound(t, seed+round) {
			t.Fatalf("seed %d", seed+round)
		}
	}
}

func modelRound(t *testing.T, seed uint64) bool {
	rnd := rand.New(rand.NewPCG(seed, 1))
	ids := rnd.IntN(2) == 0
	front := rnd.IntN(5)
	h := live.New(nil)
	var in slog.Handler = h
	var q *async.Handler
	told := true
	switch front {
	case 1:
		q = async.New(h, nil)
		in, ids = q, true // without, it depends on the time at which the start of a scope is told
	case 2:
		in = redact.New(nil)(h)
	case 3:
		in = onlyHandles{h}
		told = false
	case 4:
		in = grouper{h}
		told = false
	}
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: ids}, in)
	log := slog.New(in)
	counter := tel.NewCounter("c", &slogtel.InstrumentOptions{Unit: "By"})
	figs := map[string]*mfig{}
	fig := func(kind, parent, path string) *mfig {
		k := kind + "|" + parent + "|" + path
		if figs[k] == nil {
			figs[k] = &mfig{min: math.Inf(1), max: math.Inf(-1)}
		}
		return figs[k]
	}
	var roots, all []*mspan
	n := 0
	randAttrs := func() ([]slog.Attr, map[string]int) {
		m := map[string]int{}
		var l []slog.Attr
		for range rnd.IntN(4) {
			k, v := string(rune('a'+rnd.IntN(3))), rnd.IntN(100)
			if _, ok := m[k]; !ok {
				l = append(l, slog.Int(k, v))
				m[k] = v
			}
		}
		return l, m
	}
	var late int64
	// place puts a node, recorded in a context of s, where it belongs.
	place := func(s *mspan, nd *mnode, hasIDs bool) {
		r := s.root
		if r.done {
			late++
			return
		}
		to := s
		if !s.open && !(ids && hasIDs) {
			to = r
		}
		if !told && !ids || !told && !hasIDs {
			to = r
		}
		to.node.kids = append(to.node.kids, nd)
	}
	start := func(ctx context.Context, parent *mspan, parentPath string, root *mspan, name string) *mspan {
		l, m := randAttrs()
		s := &mspan{open: true, attrs: m, node: &mnode{}, parent: parent, parentPath: parentPath}
		c, sp := tel.Start(ctx, name, l...)
		s.span, s.ctxs, s.path = sp, []context.Context{c}, name
		if parentPath != "" {
			s.path = parentPath + "." + name
		}
		s.paths = []string{s.path}
		s.root = root
		if root == nil {
			s.root = s
			roots = append(roots, s)
		} else if parent != nil && !root.done {
			if !ids && !parent.open {
				s.parent = root
			}
		}
		all = append(all, s)
		return s
	}
	end := func(s *mspan) {
		l, m := randAttrs()
		s.span.End(l...)
		for k, v := range m {
			s.attrs[k] = v
		}
		s.open = false
		f := fig("scope", s.parentPath, s.path)
		f.calls++
		if s.failed {
			f.errs++
		}
		s.node.text = fmt.Sprintf("scope %s %s v=%v u= {%s}", s.path, s.failure, nil, attrText(s.attrs))
		if s.failed && !s.root.done {
			s.root.errs++
		}
		if s.root == s {
			s.done = true
			return
		}
		if s.root.done {
			late++
			s.root.node.kids = append(s.root.node.kids, s.node.kids...)
			return
		}
		p := s.parent
		if !told && !ids {
			p = s.root
		}
		p.node.kids = append(p.node.kids, s.node)
	}
	ops := 5 + rnd.IntN(120)
	for range ops {
		var s *mspan
		if len(all) > 0 {
			s = all[rnd.IntN(len(all))]
			if rnd.IntN(2) == 0 { // prefer the last ones
				s = all[len(all)-1-rnd.IntN(min(3, len(all)))]
			}
			if !s.root.open && rnd.IntN(4) > 0 {
				s = nil
			}
		}
		if s == nil {
			if len(roots) >= 8 {
				continue
			}
			n++
			start(bg, nil, "", nil, fmt.Sprintf("r%d", n))
			continue
		}
		i := rnd.IntN(len(s.ctxs))
		ctx, path := s.ctxs[i], s.paths[i]
		if rnd.IntN(4) == 0 {
			ctx = context.WithValue(ctx, t, 1)
		}
		n++
		name := fmt.Sprintf("n%d", n)
		l, m := randAttrs()
		switch op := rnd.IntN(13); op {
		case 0, 1, 2:
			start(ctx, s, path, s.root, name)
		case 3:
			if s.open {
				end(s)
			}
		case 4:
			if s.open {
				s.failed, s.failure = true, name
				s.span.Fail(errors.New(name))
			}
		case 5:
			if s.open && (front != 1 || ids || len(s.ctxs) == 1) {
				nctx := s.span.Rename(ctx, name)
				np := name
				if s.parentPath != "" {
					np = s.parentPath + "." + name
				}
				s.path = np
				s.ctxs, s.paths = append(s.ctxs, nctx), append(s.paths, np)
			}
		case 6:
			name = "k" + strconv.Itoa(rnd.IntN(3))
			tel.Count(ctx, name, int64(n), l...)
			f := fig("counter", path, path+"."+name)
			f.sum += float64(n)
			place(s, &mnode{text: fmt.Sprintf("counter %s.%s  v=%d u= {%s}", path, name, n, attrText(m))}, true)
		case 7:
			name = "g" + strconv.Itoa(rnd.IntN(3))
			v := float64(n) / 2
			tel.Gauge(ctx, name, v, l...)
			f := fig("gauge", path, path+"."+name)
			f.last, f.min, f.max = v, min(f.min, v), max(f.max, v)
			place(s, &mnode{text: fmt.Sprintf("gauge %s.%s  v=%v u= {%s}", path, name, v, attrText(m))}, true)
		case 8:
			name = "h" + strconv.Itoa(rnd.IntN(3))
			tel.Histogram(ctx, name, float64(n), l...)
			fig("histogram", path, path+"."+name).calls++
			place(s, &mnode{text: fmt.Sprintf("histogram %s.%s  v=%v u= {%s}", path, name, n, attrText(m))}, true)
		case 9:
			counter.Add(ctx, 2, l...)
			fig("counter", "", "c").sum += 2
			place(s, &mnode{text: fmt.Sprintf("counter c  v=2 u=By {%s}", attrText(m))}, true)
		case 10:
			log.LogAttrs(ctx, slog.LevelInfo, name, l...)
			place(s, &mnode{text: fmt.Sprintf("log %s  v=<nil> u= {%s}", name, attrText(m))}, false)
		case 11:
			tel.Timing(ctx, name, 0, l...)
			f := fig("scope", path, path+"."+name)
			f.calls++
			place(s, &mnode{text: fmt.Sprintf("scope %s.%s  v=<nil> u= {%s}", path, name, attrText(m))}, true)
		case 12:
			tel.Metric(ctx, name, "text", l...)
			place(s, &mnode{text: fmt.Sprintf("metric %s.%s  v=text u= {%s}", path, name, attrText(m))}, true)
		}
	}
	rnd.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, s := range all {
		if s.open {
			end(s)
		}
	}
	if q != nil {
		_ = q.Flush(bg)
	}
	ok := true
	p := h.Page()
	got := map[string]*live.Trace{}
	for _, tr := range append(slices.Clone(p.Slow), p.Failed...) {
		var whole live.Trace
		require.NoError(t, json.Unmarshal(ask(h, "?format=json&trace="+tr.ID).Body.Bytes(), &whole))
		got[whole.Scope] = &whole
	}
	for _, r := range roots {
		tr := got[r.path]
		if tr == nil {
			t.Errorf("front %d ids %v: no trace %s", front, ids, r.path)
			ok = false
			continue
		}
		want, have := r.node.String(), liveNode(tr.Root).String()
		if want != have {
			t.Errorf("front %d ids %v: trace %s\nwant\n%s\nhave\n%s", front, ids, r.path, want, have)
			ok = false
		}
		if tr.Errors != r.errs || tr.Failed != (r.errs > 0) {
			t.Errorf("front %d: errors %d failed %v want %d", front, tr.Errors, tr.Failed, r.errs)
			ok = false
		}
	}
	for _, sc := range p.Scopes {
		f := fig("scope", sc.Parent, sc.Scope)
		if f.calls != sc.Calls || f.errs != sc.Errors || sc.Windows["1m"].Calls != f.calls {
			t.Errorf("scope %s: %d %d want %+v", sc.Scope, sc.Calls, sc.Errors, f)
			ok = false
		}
		delete(figs, "scope|"+sc.Parent+"|"+sc.Scope)
	}
	byName := map[string]float64{}
	for _, c := range p.Counters {
		byName["counter|"+c.Name] += *c.Total
	}
	for _, g := range p.Gauges {
		byName["gauge|"+g.Name] += *g.Last + *g.Min*1e6 + *g.Max*1e12
	}
	for _, g := range p.Histograms {
		byName["histogram|"+g.Name] += float64(g.Windows["1h"].Calls)
	}
	for k, f := range figs {
		part := strings.Split(k, "|")
		v := 0.0
		switch part[0] {
		case "counter":
			v = f.sum
		case "gauge":
			v = f.last + f.min*1e6 + f.max*1e12
		case "histogram":
			v = float64(f.calls)
		default:
			t.Errorf("missing scope %s", k)
			ok = false
		}
		if byName[part[0]+"|"+part[2]] != v {
			t.Errorf("%s: %v want %v", k, byName[part[0]+"|"+part[2]], v)
			ok = false
		}
	}
	st := h.Stats()
	if told && (st.Open != 0 || st.Late != late) || st.TraceBytes != 0 && told {
		t.Errorf("front %d %+v late %d", front, st, late)
		ok = false
	}
	if q != nil {
		_ = q.Shutdown(bg)
	}
	return ok
}
