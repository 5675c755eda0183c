package bench

import (
	"runtime/debug"
	"sync"
	"testing"
)

// each runs b.N calls in all on some goroutines, with a function of its own for each. As in
// BenchmarkTwoGoroutines, the collector runs as in a process with a heap that is not tiny.
func each(b *testing.B, goroutines int, newCall func() func()) {
	defer debug.SetGCPercent(debug.SetGCPercent(2000))
	calls := make([]func(), goroutines)
	for i := range calls {
		calls[i] = newCall()
		calls[i]() // what is made once is not measured
	}
	b.ReportAllocs()
	b.ResetTimer()
	var wg sync.WaitGroup
	for i, call := range calls {
		wg.Go(func() {
			for range (b.N + i) / goroutines {
				call()
			}
		})
	}
	wg.Wait()
}
