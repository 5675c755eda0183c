// Package stripe spreads what several processors write over parts of it, so that they do not fetch
// each other's cache lines.
package stripe

import (
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"
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
