package slogtel

import (
	"bytes"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// A PanicError is a panic that was recovered, of a reporter or of a function in the Options.
// Its text begins with "panic: ".
type PanicError struct {
	Err   error  // the value of the panic, or an error with its text
	Stack string // of the goroutine, from the panic on
}

func (e *PanicError) Error() string { return "panic: " + e.Err.Error() }

func (e *PanicError) Unwrap() error { return e.Err }

// panicked makes an error of what recover has returned. It must be called by the
// deferred function, while the stack is that of the panic.
func panicked(v any) error {
	err, ok := v.(error)
	if !ok {
		err = fmt.Errorf("%v", v)
	}
	const most = 16 << 10
	stack := debug.Stack()
	if i := bytes.Index(stack, []byte("\npanic(")); i >= 0 {
		stack = stack[i+1:]
	}
	return &PanicError{err, string(stack[:min(len(stack), most)])}
}

// panicError makes an error without a stack of what recover has returned.
func panicError(v any) error {
	if err, ok := v.(error); ok {
		return fmt.Errorf("panic: %w", err)
	}
	return fmt.Errorf("panic: %v", v)
}

// inPanicOf reports whether its caller was called because the function whose name ends
// in name panicked, and not by that function itself.
func inPanicOf(name string) bool {
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.gopanic":
			return true
		case strings.HasSuffix(f.Function, name) || !more:
			return false
		}
	}
}
