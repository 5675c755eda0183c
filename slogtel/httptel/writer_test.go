package httptel

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// calls notes which of the optional methods of an underlying writer were called.
type calls map[string]int

type (
	fakeFlusher  struct{ calls }
	fakeHijacker struct{ calls }
	fakeReader   struct{ calls }
	fakePusher   struct{ calls }
	fakeNotifier struct{ calls }
)

func (f fakeFlusher) Flush() { f.calls["flush"]++ }
func (f fakeHijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	f.calls["hijack"]++
	return nil, nil, nil
}
func (f fakeReader) ReadFrom(io.Reader) (int64, error)        { f.calls["readfrom"]++; return 3, nil }
func (f fakePusher) Push(string, *http.PushOptions) error     { f.calls["push"]++; return nil }
func (f fakeNotifier) CloseNotify() <-chan bool               { f.calls["notify"]++; return nil }
func (f fakeFlusher) SetWriteDeadline(time.Time) (err error)  { f.calls["deadline"]++; return nil }
func (f fakeHijacker) SetWriteDeadline(time.Time) (err error) { f.calls["deadline"]++; return nil }
func optional(w http.ResponseWriter) (has [5]bool) {
	_, has[0] = w.(http.Flusher)
	_, has[1] = w.(http.Hijacker)
	_, has[2] = w.(io.ReaderFrom)
	_, has[3] = w.(http.Pusher)
	_, has[4] = w.(closeNotifier)
	return has
}

// The wrapper has the optional interfaces of what it wraps, and no others, for every
// set of them; each call arrives.
func TestWrapperHasWhatTheWriterHas(t *testing.T) {
	type rw = http.ResponseWriter
	c := calls{}
	F, H, R, P, N := fakeFlusher{c}, fakeHijacker{c}, fakeReader{c}, fakePusher{c}, fakeNotifier{c}
	type (
		fl = http.Flusher
		hi = http.Hijacker
		re = io.ReaderFrom
		pu = http.Pusher
		no = closeNotifier
	)
	base := func() rw { return bare{httptest.NewRecorder()} }
	for i, w := range []rw{
		base(),
		struct {
			rw
			fl
		}{base(), F},
		struct {
			rw
			hi
		}{base(), H},
		struct {
			rw
			re
		}{base(), R},
		struct {
			rw
			pu
		}{base(), P},
		struct {
			rw
			fl
			hi
		}{base(), F, H},
		struct {
			rw
			fl
			re
		}{base(), F, R},
		struct {
			rw
			fl
			pu
		}{base(), F, P},
		struct {
			rw
			hi
			re
		}{base(), H, R},
		struct {
			rw
			hi
			pu
		}{base(), H, P},
		struct {
			rw
			re
			pu
		}{base(), R, P},
		struct {
			rw
			fl
			hi
			re
		}{base(), F, H, R},
		struct {
			rw
			fl
			hi
			pu
		}{base(), F, H, P},
		struct {
			rw
			fl
			re
			pu
		}{base(), F, R, P},
		struct {
			rw
			hi
			re
			pu
		}{base(), H, R, P},
		struct {
			rw
			fl
			hi
			re
			pu
		}{base(), F, H, R, P},
		struct {
			rw
			fl
			hi
			re
			no
		}{base(), F, H, R, N},
		struct {
			rw
			fl
			pu
			no
		}{base(), F, P, N},
	} {
		clear(c)
		out, in := wrap(w)
		want := optional(w)
		require.Equal(t, want, optional(out), "%d", i)
		assert.Same(t, in, out.(kind).ours())
		assert.Equal(t, w, out.(interface{ Unwrap() http.ResponseWriter }).Unwrap())
		expect := calls{}
		if want[0] {
			out.(http.Flusher).Flush()
			assert.NoError(t, http.NewResponseController(out).Flush())
			expect["flush"] = 2
		} else {
			assert.ErrorIs(t, http.NewResponseController(out).Flush(), http.ErrNotSupported)
		}
		if want[1] {
			_, _, err := out.(http.Hijacker).Hijack()
			assert.NoError(t, err)
			expect["hijack"] = 1
		}
		assert.Equal(t, want[1], in.hijacked.Load())
		if want[2] {
			n, err := io.Copy(out, struct{ io.Reader }{strings.NewReader("x")})
			assert.NoError(t, err)
			assert.EqualValues(t, 3, n)
			assert.EqualValues(t, 3, in.written.Load())
			expect["readfrom"] = 1
		}
		if want[3] {
			assert.NoError(t, out.(http.Pusher).Push("/", nil))
			expect["push"] = 1
		}
		if want[4] {
			out.(closeNotifier).CloseNotify()
			expect["notify"] = 1
		}
		assert.Equal(t, expect, c)
	}
}

// bare hides the optional interfaces of a writer.
type bare struct{ http.ResponseWriter }

type failing struct {
	http.ResponseWriter
	err error
}

func (f failing) Write([]byte) (int, error) { return 0, f.err }
func (f failing) FlushError() error         { return f.err }
func (f failing) Flush()                    {}

func TestErrorsOfTheWriterArePassedOn(t *testing.T) {
	err := errors.New("gone")
	out, in := wrap(failing{httptest.NewRecorder(), err})
	_, got := out.Write([]byte("x"))
	assert.Equal(t, err, got)
	_, got = io.WriteString(out, "x")
	assert.Equal(t, err, got)
	assert.Equal(t, err, http.NewResponseController(out).Flush())
	assert.Zero(t, in.written.Load())
}

// A handler that goes on writing when it has returned writes to the response it was
// given, never to that of another request.
func TestWriterIsNotReused(t *testing.T) {
	tel, rec := slogteltest.New(t)
	var kept []http.ResponseWriter
	h := NewMiddleware(tel, nil)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { kept = append(kept, w) }))
	responses := []*httptest.ResponseRecorder{httptest.NewRecorder(), httptest.NewRecorder()}
	for _, w := range responses {
		h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	}
	_, _ = io.WriteString(kept[0], "late")
	assert.Equal(t, "late", responses[0].Body.String())
	assert.Empty(t, responses[1].Body.String())
	assert.Len(t, rec.Timings(""), 2)
}
