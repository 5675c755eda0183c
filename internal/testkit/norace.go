//go:build !race

package testkit

// Race says whether the race detector is on: allocations are not counted then.
const Race = false
