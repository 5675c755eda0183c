//go:build race

package slogtel_test

// raceDetector says that allocations are not those of a normal build.
const raceDetector = true
