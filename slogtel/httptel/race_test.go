//go:build race

package httptel

// The race detector allocates.
const raceEnabled = true
