package slogteltest

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"runtime/pprof"
	"strings"
	"sync/atomic"
	"time"
)

// goroutineLimit is how long goroutines may take to end after Shutdown returned, or
// ten times as long as the handler was used, where that is more: a machine may be slow.
const goroutineLimit = 2 * time.Second

// leakLabel is the profiler label by which the goroutines of a handler are known:
// a goroutine has the labels of the one that started it. So tests that run at the
// same time are not counted.
const leakLabel = "slogteltest"

var leakChecks atomic.Int64

func checkGoroutines(r *run) {
	value := fmt.Sprint("run", leakChecks.Add(1))
	begun := time.Now()
	pprof.Do(context.Background(), pprof.Labels(leakLabel, value), func(ctx context.Context) {
		r.isolate(func() {
			for range 2 {
				h := r.handler()
				for range 10 {
					r.emit(ctx, h)
					r.emit(ctx, r.withAttrs(h, slog.Int("a", 1)))
				}
			}
			r.release()
		})
	})
	if r.stuck {
		return // what is stuck is left, of course
	}
	limit := max(goroutineLimit, 10*time.Since(begun))
	var left []string
	for wait := time.Millisecond; wait < limit; wait *= 2 {
		if left = goroutines(value); len(left) == 0 {
			return
		}
		time.Sleep(wait) // they may be on their way out
	}
	for _, stack := range left {
		r.failf("left after the handler was shut down: %s", stack)
	}
}

// goroutines describes those that have the label: how many there are with the same
// stack, and the stack.
func goroutines(value string) []string {
	var b bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&b, 1) // a Buffer takes all
	var found []string
	for group := range strings.SplitSeq(b.String(), "\n\n") {
		if !strings.Contains(group, fmt.Sprintf("%q:%q", leakLabel, value)) {
			continue
		}
		count, _, _ := strings.Cut(group, " @ ")
		text := count + " goroutine(s) at"
		for line := range strings.Lines(group) {
			// An address, a function and a place, with tabs between.
			if f := strings.Fields(line); len(f) == 4 && f[0] == "#" {
				text += "\n\t" + f[2] + " " + f[3]
			}
		}
		found = append(found, text)
	}
	return found
}
