//go:build !race

package httptel

const raceEnabled = false
