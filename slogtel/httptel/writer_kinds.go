package httptel

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// A handler finds out by type assertion what a ResponseWriter can do, so there is a
// type for each set of interfaces: F for Flusher, H for Hijacker, R for ReaderFrom,
// P for Pusher. Each adds one method to the set without its last letter.
type (
	wF struct{ writer }
	wH struct{ writer }
	wR struct{ writer }
	wP struct{ writer }

	wFH struct{ wF }
	wFR struct{ wF }
	wFP struct{ wF }
	wHR struct{ wH }
	wHP struct{ wH }
	wRP struct{ wR }

	wFHR struct{ wFH }
	wFHP struct{ wFH }
	wFRP struct{ wFR }
	wHRP struct{ wHR }

	wFHRP struct{ wFHR }

	// Those of net/http, HTTP/1 and HTTP/2: http.CloseNotifier is deprecated, and
	// frameworks still assert it.
	wFHRNotify struct{ wFHR }
	wFPNotify  struct{ wFP }
)

func (w *wF) Flush()            { _ = w.flush() }
func (w *wF) FlushError() error { return w.flush() }

func (w *wH) Hijack() (net.Conn, *bufio.ReadWriter, error)  { return w.hijack() }
func (w *wFH) Hijack() (net.Conn, *bufio.ReadWriter, error) { return w.hijack() }

func (w *wR) ReadFrom(src io.Reader) (int64, error)   { return w.readFrom(src) }
func (w *wFR) ReadFrom(src io.Reader) (int64, error)  { return w.readFrom(src) }
func (w *wHR) ReadFrom(src io.Reader) (int64, error)  { return w.readFrom(src) }
func (w *wFHR) ReadFrom(src io.Reader) (int64, error) { return w.readFrom(src) }

func (w *wP) Push(target string, o *http.PushOptions) error    { return w.push(target, o) }
func (w *wFP) Push(target string, o *http.PushOptions) error   { return w.push(target, o) }
func (w *wHP) Push(target string, o *http.PushOptions) error   { return w.push(target, o) }
func (w *wRP) Push(target string, o *http.PushOptions) error   { return w.push(target, o) }
func (w *wFHP) Push(target string, o *http.PushOptions) error  { return w.push(target, o) }
func (w *wFRP) Push(target string, o *http.PushOptions) error  { return w.push(target, o) }
func (w *wHRP) Push(target string, o *http.PushOptions) error  { return w.push(target, o) }
func (w *wFHRP) Push(target string, o *http.PushOptions) error { return w.push(target, o) }

type closeNotifier interface{ CloseNotify() <-chan bool }

func (w *wFHRNotify) CloseNotify() <-chan bool {
	return w.ResponseWriter.(closeNotifier).CloseNotify()
}

func (w *wFPNotify) CloseNotify() <-chan bool {
	return w.ResponseWriter.(closeNotifier).CloseNotify()
}

// wrap returns a ResponseWriter around w that has those of the optional interfaces
// that w has, and the writer inside it. They are one allocation.
func wrap(w http.ResponseWriter) (http.ResponseWriter, *writer) {
	const (
		flusher = 1 << iota
		hijacker
		readerFrom
		pusher
		notifier
	)
	has := bit[http.Flusher](w, flusher) | bit[http.Hijacker](w, hijacker) | bit[io.ReaderFrom](w, readerFrom) | bit[http.Pusher](w, pusher)
	switch has {
	case flusher | hijacker | readerFrom, flusher | pusher:
		has |= bit[closeNotifier](w, notifier)
	}
	make := [...]func() kind{
		0: kindOf[writer], flusher: kindOf[wF], hijacker: kindOf[wH], readerFrom: kindOf[wR], pusher: kindOf[wP],
		flusher | hijacker: kindOf[wFH], flusher | readerFrom: kindOf[wFR], flusher | pusher: kindOf[wFP],
		hijacker | readerFrom: kindOf[wHR], hijacker | pusher: kindOf[wHP], readerFrom | pusher: kindOf[wRP],
		flusher | hijacker | readerFrom: kindOf[wFHR], flusher | hijacker | pusher: kindOf[wFHP],
		flusher | readerFrom | pusher: kindOf[wFRP], hijacker | readerFrom | pusher: kindOf[wHRP],
		flusher | hijacker | readerFrom | pusher:   kindOf[wFHRP],
		flusher | hijacker | readerFrom | notifier: kindOf[wFHRNotify],
		flusher | pusher | notifier:                kindOf[wFPNotify],
	}[has]
	out := make()
	in := out.ours()
	in.ResponseWriter = w
	return out, in
}

// A kind is a ResponseWriter with a writer inside.
type kind interface {
	http.ResponseWriter
	ours() *writer
}

func kindOf[T any, P interface {
	*T
	kind
}]() kind {
	return P(new(T))
}

// bit returns the bit of an interface that w has, else 0.
func bit[Interface any](w http.ResponseWriter, bit int) int {
	if _, ok := w.(Interface); ok {
		return bit
	}
	return 0
}
