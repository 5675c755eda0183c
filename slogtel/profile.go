package slogtel

import (
	"bytes"
	"context"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"slices"
	"sync"
)

// profiling is what a span keeps when Options.Profile is on.
type profiling struct {
	outer  context.Context // whose labels the goroutine had before; nil: no profiling
	around *Span           // whose labels these are; nil: not a span's
	region *region         // nil when no execution trace was running at Start
}

// startProfile labels the goroutine with the scope. The labelled context becomes
// the parent of the span's, so that goroutines and scopes started inside inherit.
func (s *Span) startProfile(around *Span) {
	p := &s.rare().profile
	p.outer, p.around = s.parent, around
	s.parent = pprof.WithLabels(s.parent, pprof.Labels("scope", s.node.info.Path))
	pprof.SetGoroutineLabels(s.parent)
	if trace.IsEnabled() {
		p.region = openRegions.start(s.parent, s.node.info.Path)
	}
}

// end puts the goroutine back under the labels that were there before the scope,
// and before those around it that have ended in the meantime.
func (p *profiling) end() {
	if p.outer == nil {
		return
	}
	if p.region != nil {
		openRegions.end(p.region)
	}
	labels := p.outer
	for s := p.around; s != nil && s.hasEnded(); s = s.more.rare.profile.around {
		labels = s.more.rare.profile.outer
	}
	pprof.SetGoroutineLabels(labels)
}

func (s *Span) hasEnded() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.start.mono == ended
}

// regions are the open regions of execution traces by goroutine. One must end on
// the goroutine that started it, the innermost first, or the whole trace is
// unreadable; scopes need not. So a region ends when it is the innermost on its
// goroutine; those that are the last to be finished elsewhere stay open.
type regions struct {
	mu   sync.Mutex
	open map[goroutine][]*region
}

type region struct {
	*trace.Region
	on       goroutine
	finished bool // guarded by regions.mu
}

var openRegions = regions{open: make(map[goroutine][]*region)}

func (rs *regions) start(ctx context.Context, path string) *region {
	r := &region{on: goroutineID()}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.endFinished(r.on)
	r.Region = trace.StartRegion(ctx, path)
	rs.open[r.on] = append(rs.open[r.on], r)
	return r
}

func (rs *regions) end(r *region) {
	here := goroutineID()
	rs.mu.Lock()
	defer rs.mu.Unlock()
	r.finished = true
	if r.on == here {
		rs.endFinished(here)
	} else if !slices.ContainsFunc(rs.open[r.on], func(o *region) bool { return !o.finished }) {
		delete(rs.open, r.on) // the goroutine may be gone
	}
}

// endFinished ends the finished regions that are innermost on this goroutine.
func (rs *regions) endFinished(here goroutine) {
	stack := rs.open[here]
	for len(stack) > 0 && stack[len(stack)-1].finished {
		stack[len(stack)-1].End()
		stack = stack[:len(stack)-1]
	}
	if len(stack) == 0 {
		delete(rs.open, here)
		return
	}
	rs.open[here] = stack
}

// goroutine is the decimal number of a goroutine.
type goroutine [20]byte

// goroutineID returns the decimal number that heads the goroutine's stack trace.
// There is no cheaper way to learn that End runs where Start did; it takes
// microseconds, and is only done while an execution trace is taken.
func goroutineID() (id goroutine) {
	var buf [40]byte
	b := buf[:runtime.Stack(buf[:], false)]
	b = bytes.TrimPrefix(b, []byte("goroutine "))
	if i := bytes.IndexByte(b, ' '); i >= 0 {
		b = b[:i]
	}
	copy(id[:], b)
	return id
}
