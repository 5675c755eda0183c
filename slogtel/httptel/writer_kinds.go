package httptel

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// A handler finds out by type assertion what a ResponseWriter can do, so there is a
// type for each set of interfaces: f for Flusher, h for Hijacker, r for ReaderFrom,
// p for Pusher. Each adds one method to the set without its last letter.
type (
	f struct{ writer }
	h struct{ writer }
	r struct{ writer }
	p struct{ writer }

	fh struct{ f }
	fr struct{ f }
	fp struct{ f }
	hr struct{ h }
	hp struct{ h }
	rp struct{ r }

	fhr struct{ fh }
	fhp struct{ fh }
	frp struct{ fr }
	hrp struct{ hr }

	fhrp struct{ fhr }

	// Those of net/http, HTTP/1 and HTTP/2: http.CloseNotifier is deprecated, and
	// frameworks still assert it.
	fhrNotify struct{ fhr }
	fpNotify  struct{ fp }
)

func (w *f) Flush()            { _ = w.flush() }
func (w *f) FlushError() error { return w.flush() }

func (w *h) Hijack() (net.Conn, *bufio.ReadWriter, error)  { return w.hijack() }
func (w *fh) Hijack() (net.Conn, *bufio.ReadWriter, error) { return w.hijack() }

func (w *r) ReadFrom(src io.Reader) (int64, error)   { return w.readFrom(src) }
func (w *fr) ReadFrom(src io.Reader) (int64, error)  { return w.readFrom(src) }
func (w *hr) ReadFrom(src io.Reader) (int64, error)  { return w.readFrom(src) }
func (w *fhr) ReadFrom(src io.Reader) (int64, error) { return w.readFrom(src) }

func (w *p) Push(target string, o *http.PushOptions) error    { return w.push(target, o) }
func (w *fp) Push(target string, o *http.PushOptions) error   { return w.push(target, o) }
func (w *hp) Push(target string, o *http.PushOptions) error   { return w.push(target, o) }
func (w *rp) Push(target string, o *http.PushOptions) error   { return w.push(target, o) }
func (w *fhp) Push(target string, o *http.PushOptions) error  { return w.push(target, o) }
func (w *frp) Push(target string, o *http.PushOptions) error  { return w.push(target, o) }
func (w *hrp) Push(target string, o *http.PushOptions) error  { return w.push(target, o) }
func (w *fhrp) Push(target string, o *http.PushOptions) error { return w.push(target, o) }

type closeNotifier interface{ CloseNotify() <-chan bool }

func (w *fhrNotify) CloseNotify() <-chan bool {
	return w.ResponseWriter.(closeNotifier).CloseNotify()
}

func (w *fpNotify) CloseNotify() <-chan bool {
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
	has := 0
	if _, ok := w.(http.Flusher); ok {
		has |= flusher
	}
	if _, ok := w.(http.Hijacker); ok {
		has |= hijacker
	}
	if _, ok := w.(io.ReaderFrom); ok {
		has |= readerFrom
	}
	if _, ok := w.(http.Pusher); ok {
		has |= pusher
	}
	if _, ok := w.(closeNotifier); ok {
		switch has {
		case flusher | hijacker | readerFrom, flusher | pusher:
			has |= notifier
		}
	}
	var out http.ResponseWriter
	var in *writer
	switch has {
	case 0:
		x := new(writer)
		out, in = x, x
	case flusher:
		x := new(f)
		out, in = x, &x.writer
	case hijacker:
		x := new(h)
		out, in = x, &x.writer
	case readerFrom:
		x := new(r)
		out, in = x, &x.writer
	case pusher:
		x := new(p)
		out, in = x, &x.writer
	case flusher | hijacker:
		x := new(fh)
		out, in = x, &x.writer
	case flusher | readerFrom:
		x := new(fr)
		out, in = x, &x.writer
	case flusher | pusher:
		x := new(fp)
		out, in = x, &x.writer
	case hijacker | readerFrom:
		x := new(hr)
		out, in = x, &x.writer
	case hijacker | pusher:
		x := new(hp)
		out, in = x, &x.writer
	case readerFrom | pusher:
		x := new(rp)
		out, in = x, &x.writer
	case flusher | hijacker | readerFrom:
		x := new(fhr)
		out, in = x, &x.writer
	case flusher | hijacker | pusher:
		x := new(fhp)
		out, in = x, &x.writer
	case flusher | readerFrom | pusher:
		x := new(frp)
		out, in = x, &x.writer
	case hijacker | readerFrom | pusher:
		x := new(hrp)
		out, in = x, &x.writer
	case flusher | hijacker | readerFrom | notifier:
		x := new(fhrNotify)
		out, in = x, &x.writer
	case flusher | pusher | notifier:
		x := new(fpNotify)
		out, in = x, &x.writer
	default:
		x := new(fhrp)
		out, in = x, &x.writer
	}
	in.ResponseWriter = w
	return out, in
}
