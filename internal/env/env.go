// Package env holds the one rule by which environment variables switch a feature.
package env

import (
	"fmt"
	"os"
	"strings"
)

// Mode says whether a feature is on, or leaves that to the environment.
type Mode uint8

const (
	FromEnv Mode = iota // as the environment says when the component is made
	On
	Off
)

// On reports whether a feature with these variables is on. Under FromEnv the first
// variable that is set decides, and without one the feature is off. Report, if not
// nil, is told of each variable before it whose value means nothing.
func (m Mode) On(report func(error), variables ...string) bool {
	if m != FromEnv {
		return m == On
	}
	on, _ := Switch(report, variables...)
	return on
}

// Switch reads the first of the variables that is set: 1, true, on and yes are on;
// 0, false, off and no are off, in any case of letters. A value that is none of
// these is reported and counts as not set, as an empty one does without a word.
func Switch(report func(error), variables ...string) (on, set bool) {
	for _, v := range variables {
		s := os.Getenv(v)
		switch strings.ToLower(strings.TrimSpace(s)) {
		case "1", "true", "on", "yes":
			return true, true
		case "0", "false", "off", "no":
			return false, true
		case "":
		default:
			if report != nil {
				report(fmt.Errorf("%s=%.64q is ignored: want 1, true, on, yes, 0, false, off or no", v, s))
			}
		}
	}
	return false, false
}
