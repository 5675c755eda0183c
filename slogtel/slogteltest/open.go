package slogteltest

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/slogtel/telemetry/scope"
)

// ScopeStarted notes a scope that was opened, and where.
func (rec *Recorder) ScopeStarted(ctx context.Context, s scope.Info) {
	callers := make([]uintptr, 16)
	o := openScope{s.Path, ctx, callers[:runtime.Callers(2, callers)]}
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.told = true
	rec.open = append(rec.open, o)
}

// Open returns the paths of the scopes that were started and whose timing event has not come:
// they have not ended, or ended after Shutdown. The paths are sorted; one that is open twice
// is there twice.
func (rec *Recorder) Open() []string {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	var paths []string
	for _, o := range rec.open {
		paths = append(paths, o.path)
	}
	slices.Sort(paths)
	return paths
}

// CheckNoOpenScopes fails the test if a scope is open, and says where it was
// started. It also fails if the Recorder cannot know that, because it is behind
// another handler: timings came, but it was not told of scopes that started.
//
// To have it checked at the end of the test, whatever happens:
//
//	defer rec.CheckNoOpenScopes(t)
func (rec *Recorder) CheckNoOpenScopes(tb testing.TB) {
	tb.Helper()
	rec.mu.Lock()
	lines, blind := rec.open.lines(), len(rec.timings) > 0 && !rec.told
	rec.mu.Unlock()
	switch {
	case blind:
		tb.Errorf("the Recorder is not told of scopes that start: give it to slogtel.New itself, not inside another handler")
	case len(lines) > 0:
		var b strings.Builder
		for _, l := range bounded(lines) {
			b.WriteString("\n\t" + strings.Replace(l, "\t", " ", 1))
		}
		tb.Errorf("scopes were started and never ended:%s", &b)
	}
}

// openScopes are scopes that have been started and not ended, in the order in which they were.
type openScopes []openScope

type openScope struct {
	path    string
	ctx     context.Context // of the scope itself, by which its end is known
	callers []uintptr
}

// ended takes the scope with this context off the list, under whichever path it was started,
// as a scope may have been renamed. If a handler in between has changed the context, it takes
// the one of this path that was opened first.
func (o *openScopes) ended(ctx context.Context, path string) {
	first, renamed := -1, -1
	for i, s := range slices.Backward(*o) {
		same := sameContext(s.ctx, ctx)
		if same && s.path == path {
			*o = slices.Delete(*o, i, i+1)
			return
		}
		if same && renamed < 0 {
			renamed = i
		}
		if s.path == path {
			first = i
		}
	}
	if renamed >= 0 {
		first = renamed
	}
	if first >= 0 {
		*o = slices.Delete(*o, first, first+1)
	}
}

// sameContext compares without the panic of ==, which contexts of a user's own
// type can cause.
func sameContext(a, b context.Context) bool {
	if a == nil || b == nil {
		return a == b
	}
	return reflect.ValueOf(a).Comparable() && reflect.ValueOf(b).Comparable() && a == b
}

// lines describes the open scopes, those of one path and place together: the path,
// a tab, and where it was started.
func (o openScopes) lines() []string {
	times := make(map[string]int)
	for _, s := range o {
		times[printable(s.path)+"\tstarted at "+s.place()]++
	}
	lines := slices.Sorted(maps.Keys(times))
	for i, line := range lines {
		if n := times[line]; n > 1 {
			lines[i] += fmt.Sprintf(" (%d times)", n)
		}
	}
	return lines
}

// place is the line of code that opened the scope: the first one outside of
// package slogtel.
func (s *openScope) place() string {
	f := frame(s.callers, func(f runtime.Frame) bool {
		return !strings.HasPrefix(f.Function, "github.com/slogtel/telemetry/slogtel.")
	})
	return fmt.Sprintf("%s:%d", filepath.Base(f.File), f.Line)
}
