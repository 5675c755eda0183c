// Package stripe spreads what several processors write over parts of it, so that they do not fetch
// each other's cache lines.
package stripe

import (
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/slogtel/telemetry/internal/slogattrs"
)

// Meetings is how often goroutines have to wait for one lock before what it guards gets parts.
const Meetings = 8

// Count is how many parts that is then: some more than there are processors, and a power of two.
var Count = 1 << bits.Len(uint(min(2*runtime.GOMAXPROCS(0), 32)-1))

var last atomic.Uint32

// numbers are kept as sync.Pool keeps all: each processor mostly has one to itself.
var numbers = sync.Pool{New: func() any {
	n := last.Add(1)
	return &n
}}

// Of returns the part, below n, that the goroutine's processor mostly has to itself. Any other is as
// right. It takes about 10 ns.
func Of(n int) int {
	number := numbers.Get().(*uint32)
	i := int(*number % uint32(n))
	numbers.Put(number)
	return i
}

// Near is Of in a tenth of the time, for where there are many more parts than processors: it goes by the place
// of the goroutine's stack. Of 32 parts two goroutines have one in common in one of 32 cases.
func Near(n int) int {
	at := slogattrs.Stack()
	if at == 0 {
		return Of(n)
	}
	return int(uint64(uint32(at>>11)*0x9E3779B1) * uint64(n) >> 32)
}
