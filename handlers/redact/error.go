package redact

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"syscall"
)

// cleanError is an error of which only a clean text is left. It is still the same error for
// errors.Is, but cannot be taken apart.
type cleanError struct {
	text string
	is   func(target error) bool
}

func (e *cleanError) Error() string { return e.text }

// Is reports whether the error in whose place e stands is target.
func (e *cleanError) Is(target error) bool { return e.is(target) }

// err returns an error without the secrets in its text, and whether it is another one. One that
// could show anything but its text, now or later, is always replaced.
func (w *walk) err(err error) (clean error, changed bool) {
	if w.fixed(err, 0) {
		return err, false
	}
	e := cleanError{is: func(target error) bool { return isError(err, target) }}
	switch shown := w.errValue(err).(type) {
	case frozen:
		e.text = shown.text
		return &cleanJSONError{e, shown}, true
	case string:
		e.text = shown
	}
	return &e, true
}

// cleanJSONError is a cleanError in place of one that tells its own JSON.
type cleanJSONError struct {
	cleanError
	frozen frozen
}

func (e *cleanJSONError) MarshalJSON() ([]byte, error) { return e.frozen.MarshalJSON() }

// errValue returns the text of an error or, if it tells its own JSON, both.
func (w *walk) errValue(err error) (x any) {
	isPanic := false
	defer w.recovered(&x, &isPanic, len(w.path), w.depth)
	text, _ := w.text(w.errText(err))
	if _, hasJSON := err.(json.Marshaler); hasJSON {
		switch x, _ := w.byMethods(reflect.ValueOf(err)); x := x.(type) {
		case frozen:
			return frozen{x.json, text}
		case string: // its JSON is a text
			return frozen{x, text}
		}
	}
	return text
}

// errText returns the text of an error, without the values that stand under the name of a
// secret in the error itself or in those that it wraps.
func (w *walk) errText(err error) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = w.panicText(p)
			if v := reflect.ValueOf(err); v.Kind() == reflect.Pointer && v.IsNil() {
				text = "<nil>"
			}
		}
	}()
	text, _ = w.withoutWrapped(err.Error(), err, 0)
	return text
}

// withoutWrapped is without for err, which may be nil, and for those within it. N is how many
// errors were looked at before, and after.
func (w *walk) withoutWrapped(s string, err error, n int) (string, int) {
	if n++; err == nil || n > maxErrors {
		return s, n
	}
	s = w.without(s, reflect.ValueOf(err))
	switch err := err.(type) {
	case interface{ Unwrap() error }:
		return w.withoutWrapped(s, err.Unwrap(), n)
	case interface{ Unwrap() []error }:
		for _, inner := range err.Unwrap() {
			s, n = w.withoutWrapped(s, inner, n)
		}
	}
	return s, n
}

func isError(err, target error) (is bool) {
	defer func() { _ = recover() }()
	return errors.Is(err, target)
}

// maxErrors is how many errors within an error are looked at.
const maxErrors = 100

// The types of errors that stay what they are, since nothing in them can change.
var (
	plainErrorType = reflect.TypeOf(errors.New(""))
	wrapErrorType  = reflect.TypeOf(fmt.Errorf("%w", context.Canceled))
	wrapErrorsType = reflect.TypeOf(fmt.Errorf("%w%w", context.Canceled, context.Canceled))
	joinErrorType  = reflect.TypeOf(errors.Join(context.Canceled))
	timeoutType    = reflect.TypeOf(context.DeadlineExceeded)
	errnoType      = reflect.TypeOf(syscall.Errno(0))
)

// fixed reports whether there is no secret in an error and those within it, and none can get there. An error within is
// looked at before the one around it asks for its text.
func (w *walk) fixed(err error, n int) bool {
	if err == nil {
		return true
	}
	t := reflect.TypeOf(err)
	switch t {
	case timeoutType, errnoType:
		return true
	case plainErrorType, wrapErrorType, wrapErrorsType, joinErrorType:
	default:
		return false
	}
	if n > maxErrors || reflect.ValueOf(err).IsNil() {
		return false
	}
	switch t {
	case wrapErrorType:
		if !w.fixed(errors.Unwrap(err), n+1) {
			return false
		}
	case wrapErrorsType, joinErrorType:
		for _, inner := range err.(interface{ Unwrap() []error }).Unwrap() {
			n++
			if !w.fixed(inner, n) {
				return false
			}
		}
	}
	return !w.dirty(err.Error())
}
