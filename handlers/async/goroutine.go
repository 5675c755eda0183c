package async

import (
	"bytes"
	"reflect"
	"runtime"
	"strconv"
)

// onWorker reports whether the caller is the worker, that is, whether the next handler
// has called back. It looks at the call stack: for the app's goroutines that takes about
// a microsecond, and several when they are many calls deep.
func (q *queue) onWorker() bool {
	// Workers of other queues are told apart by the goroutine's id, which costs more.
	return aWorkerCalls() && goroutineID() == q.worker.id.Load()
}

var workEntry = reflect.ValueOf((*queue).work).Pointer()

// aWorkerCalls reports whether the stack begins with the worker of some queue, and true
// when it is too deep to tell.
func aWorkerCalls() bool {
	var pcs [128]uintptr
	n := runtime.Callers(2, pcs[:])
	if n == len(pcs) {
		return true
	}
	for _, pc := range pcs[max(0, n-4):n] {
		if f := runtime.FuncForPC(pc - 1); f != nil && f.Entry() == workEntry {
			return true
		}
	}
	return false
}

// goroutineID returns the number by which the runtime calls the current goroutine in a
// stack trace, where it says "goroutine 1 [running]".
func goroutineID() uint64 {
	var buf [64]byte
	text := buf[:runtime.Stack(buf[:], false)]
	text = bytes.TrimPrefix(text, []byte("goroutine "))
	number, _, _ := bytes.Cut(text, []byte(" "))
	id, err := strconv.ParseUint(string(number), 10, 64)
	if err != nil {
		return 0
	}
	return id
}
