package async

import (
	"bytes"
	"runtime"
	"strconv"
)

// onWorker reports whether the caller is the worker, that is, whether the next handler
// has called back. It takes a microsecond or two.
func (q *queue) onWorker() bool { return goroutineID() == q.worker.id.Load() }

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
