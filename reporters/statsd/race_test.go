//go:build race

package statsd

const raceDetector = true
