package slogtel

import (
	"bytes"
	"context"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
)

// profiling is what a span keeps when Options.Profile is on.
type profiling struct {
	outer     context.Context // whose labels the goroutine had before; nil: no profiling
	region    *trace.Region   // nil when no execution trace was running at Start
	goroutine [20]byte        // where the region began
}

// startProfile labels the goroutine with the scope. The labelled context becomes
// the parent of the span's, so that goroutines and scopes started inside inherit.
func (s *Span) startProfile() {
	p := &s.extra().profile
	p.outer = s.parent
	s.parent = pprof.WithLabels(s.parent, pprof.Labels("scope", s.node.path))
	pprof.SetGoroutineLabels(s.parent)
	if trace.IsEnabled() {
		p.goroutine = goroutineID()
		p.region = trace.StartRegion(s.parent, s.node.path)
	}
}

// end puts the goroutine back under the labels that were there before the scope.
// A region must end where it began, or the whole trace is unreadable: when End
// runs on another goroutine the region stays open.
func (p *profiling) end() {
	if p.outer == nil {
		return
	}
	if p.region != nil && goroutineID() == p.goroutine {
		p.region.End()
	}
	pprof.SetGoroutineLabels(p.outer)
}

// goroutineID returns the decimal number that heads the goroutine's stack trace.
// There is no cheaper way to learn that End runs where Start did; it takes
// microseconds, and is only done while an execution trace is taken.
func goroutineID() (id [20]byte) {
	var buf [40]byte
	b := buf[:runtime.Stack(buf[:], false)]
	b = bytes.TrimPrefix(b, []byte("goroutine "))
	if i := bytes.IndexByte(b, ' '); i >= 0 {
		b = b[:i]
	}
	copy(id[:], b)
	return id
}
