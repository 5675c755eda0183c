// Package flame is the command that makes a profile of self time by scope stack, for go
// tool pprof and for whatever draws folded stacks.
package flame
