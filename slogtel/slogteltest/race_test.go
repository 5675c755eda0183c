//go:build race

package slogteltest_test

const raceEnabled = true
