// Package switches reads what is on and off from the environment, in one way for all
// that has a switch there.
package switches

import (
	"fmt"
	"os"
	"strings"
)

// An Error is about a variable whose value says neither on nor off.
type Error struct{ Variable, Value string }

func (e *Error) Error() string {
	const most = 64
	value := e.Value
	if len(value) > most {
		value = value[:most] + "…"
	}
	return fmt.Sprintf("environment variable %s=%q counts as not set: allowed are 1, true, on, yes and 0, false, off, no", e.Variable, value)
}

// A Variable is the name of an environment variable. One that is OnOnly decides only
// where it says on: it belongs to others, too, as DEBUG does. One that is a Setting says on if it
// has any value.
type Variable struct {
	Name            string
	OnOnly, Setting bool
}

// Read returns what the first of the variables that is set says, and false where none
// is. An empty variable is not set. What is neither on nor off counts as not set, and
// bad is called with an [*Error].
func Read(variables []Variable, bad func(error)) bool {
	for _, v := range variables {
		value := os.Getenv(v.Name)
		if v.Setting && value != "" {
			return true
		}
		switch strings.ToLower(strings.TrimSpace(value)) {
		case "":
		case "1", "true", "on", "yes":
			return true
		case "0", "false", "off", "no":
			if !v.OnOnly {
				return false
			}
		default:
			bad(&Error{v.Name, value})
		}
	}
	return false
}
