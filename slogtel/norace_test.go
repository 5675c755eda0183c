//go:build !race

package slogtel_test

const raceDetector = false
