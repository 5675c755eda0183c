package httptel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/names"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// answer returns a transport that answers with resp.
func answer(tel *slogtel.Telemetry, opts *ClientOptions, resp *http.Response) http.RoundTripper {
	return NewTransport(roundTrip(func(*http.Request) (*http.Response, error) { return resp, nil }), tel, opts)
}

func body(s string) io.ReadCloser { return io.NopCloser(strings.NewReader(s)) }

func TestCall(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("http2=%t", http2), func(t *testing.T) {
			tel, rec := tracing(t)
			srv := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.WriteHeader(201)
				_, _ = io.WriteString(w, r.Header.Get("Traceparent"))
			}), http2)
			client := &http.Client{Transport: NewTransport(srv.Client().Transport, tel, nil)}
			ctx, span := tel.Start(t.Context(), "work")
			req, _ := http.NewRequestWithContext(ctx, "POST", srv.URL+"/secret/path?key=secret", strings.NewReader("hello"))

			resp, err := client.Do(req)
			require.NoError(t, err)
			assert.Empty(t, rec.Timings(""), "the body is still to be read")
			assert.Same(t, req, resp.Request)
			assert.Empty(t, req.Header, "the caller's request is not changed")
			sent, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			got := only(t, rec, "work.http.client.post") // before Close
			resp.Body.Close()
			span.End()

			u, _ := url.Parse(srv.URL)
			port := attrs(got)[KeyServerPort]
			assert.Equal(t, u.Port(), fmt.Sprint(port))
			assert.Equal(t, map[string]any{
				KeyMethod: "POST", KeyServer: "127.0.0.1", KeyServerPort: port, KeyStatus: int64(201),
				KeyRequestSize: int64(5), KeyResponseSize: int64(55),
			}, attrs(got))
			assert.Equal(t, "00-"+got.TraceID+"-"+got.SpanID+"-01", string(sent))
			assert.Equal(t, only(t, rec, "work").SpanID, got.ParentSpanID)
			assert.Len(t, rec.Timings("work.http.client.post"), 1, "Close adds none")
		})
	}
}

func TestCallsThatFail(t *testing.T) {
	gone := errors.New("connection refused")
	for name, tc := range map[string]struct {
		base roundTrip
		err  string
	}{
		"RoundTrip": {func(*http.Request) (*http.Response, error) { return nil, gone }, "connection refused"},
		"nothing":   {func(*http.Request) (*http.Response, error) { return nil, nil }, errNoResponse.Error()},
		"404": {func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 404, Status: "404 \x1b[31m"}, nil
		}, "404 Not Found"},
		"500": {func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 500, Body: body("")}, nil
		}, "500 Internal Server Error"},
		"302": {func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 302, Body: http.NoBody}, nil
		}, ""},
		"Read": {func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(io.MultiReader(strings.NewReader("half"), errorReader{gone}))}, nil
		}, "connection refused"},
		"closed early": {func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(endless{})}, nil
		}, ""},
		"panic": {func(*http.Request) (*http.Response, error) { panic("boom") }, "panic: boom"},
	} {
		t.Run(name, func(t *testing.T) {
			tel, rec := slogteltest.New(t)
			func() {
				defer func() { assert.Equal(t, name == "panic", recover() != nil) }()
				req := httptest.NewRequest("GET", "http://host/", nil)
				resp, _ := NewTransport(tc.base, tel, nil).RoundTrip(req)
				if resp != nil && resp.Body != nil {
					_, _ = io.CopyN(io.Discard, resp.Body, 100)
					resp.Body.Close()
				}
			}()
			assert.Equal(t, tc.err, only(t, rec, "http.client.get").Error)
			rec.CheckNoOpenScopes(t)
		})
	}
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

func TestClientOptions(t *testing.T) {
	tel, rec := tracing(t)
	var sent []http.Header
	rt := NewTransport(roundTrip(func(req *http.Request) (*http.Response, error) {
		sent = append(sent, req.Header)
		return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
	}), tel, &ClientOptions{
		ScopeName:     func(r *http.Request) string { return r.Header.Get("Name") },
		Filter:        func(r *http.Request) bool { return r.Header.Get("Name") != "skip" },
		Attrs:         func(r *http.Request) []slog.Attr { return []slog.Attr{slog.String("own", r.Method)} },
		NoTraceparent: true,
	})
	for _, name := range []string{"", "payments.charge", "Not Valid", "skip"} {
		req := httptest.NewRequest("PUT", "http://h/", nil)
		req.Header.Set("Name", name)
		_, err := rt.RoundTrip(req)
		require.NoError(t, err)
	}
	assert.Equal(t, []string{"http.client.put", "not_valid", "payments.charge"}, rec.Scopes())
	assert.Equal(t, "PUT", attrs(rec.Timings("payments.charge")[0])["own"])
	assert.Len(t, sent, 4)
	for _, h := range sent {
		assert.NotContains(t, h, "Traceparent")
	}
}

func TestClientOptionsThatPanic(t *testing.T) {
	for name, opts := range map[string]*ClientOptions{
		"Filter":    {Filter: func(*http.Request) bool { panic("boom") }},
		"ScopeName": {ScopeName: func(*http.Request) string { panic("boom") }},
		"Attrs":     {Attrs: func(*http.Request) []slog.Attr { panic("boom") }},
	} {
		tel, rec := slogteltest.New(t)
		resp, err := answer(tel, opts, &http.Response{StatusCode: 200}).RoundTrip(httptest.NewRequest("GET", "/", nil))
		assert.NoError(t, err)
		assert.Equal(t, 200, resp.StatusCode)
		assert.Equal(t, "httptel: ClientOptions."+name+": panic: boom", only(t, rec, "http.client.get").Error)
	}
}

func TestClientNamesAreBounded(t *testing.T) {
	tel, rec := slogteltest.New(t)
	rt := answer(tel, &ClientOptions{ScopeName: func(r *http.Request) string { return "p" + r.URL.Path }}, &http.Response{StatusCode: 200})
	for i := range 3 * names.Most {
		_, _ = rt.RoundTrip(httptest.NewRequest("GET", fmt.Sprintf("/%d", i), nil))
	}
	assert.Len(t, rec.Scopes(), names.Most+1)
	assert.Len(t, rec.Timings("http.client.overflow"), 2*names.Most)
	rt = answer(tel, nil, &http.Response{StatusCode: 200})
	for _, m := range []string{"", "get", "\x00", strings.Repeat("M", 1e5)} {
		req := httptest.NewRequest("GET", "/", nil)
		req.Method, req.URL.Host = m, strings.Repeat("h", 1e5)
		_, _ = rt.RoundTrip(req)
	}
	assert.Len(t, rec.Timings("http.client.get"), 1)
	assert.Len(t, rec.Timings("http.client.other"), 3)
	assert.Len(t, attrs(rec.Timings("http.client.other")[0])[KeyServer], 255)
}

func TestOddRequests(t *testing.T) {
	tel, rec := tracing(t)
	rt := answer(tel, nil, &http.Response{StatusCode: 200})
	_, err := rt.RoundTrip(&http.Request{}) // no URL, no header, no method
	assert.NoError(t, err)
	assert.Equal(t, "GET", attrs(only(t, rec, "http.client.get"))[KeyMethod])
}

func TestRedirectsAndAttempts(t *testing.T) {
	tel, rec := slogteltest.New(t)
	srv := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.URL.Path) < 4 {
			http.Redirect(w, r, r.URL.Path+"x", http.StatusFound)
		}
	}), false)
	client := &http.Client{Transport: NewTransport(nil, tel, nil)}
	req, _ := http.NewRequestWithContext(WithAttempt(t.Context(), 3), "GET", srv.URL+"/", nil)
	resp, err := client.Do(req)
	require.NoError(t, err)
	resp.Body.Close()
	var counts []any
	for _, x := range rec.Timings("http.client.get") {
		counts = append(counts, attrs(x)[KeyResendCount])
	}
	assert.Equal(t, []any{int64(2), int64(3), int64(4), int64(5)}, counts)
	rec.Reset()
	req, _ = http.NewRequestWithContext(WithAttempt(t.Context(), 1), "GET", srv.URL+"/xxx", nil)
	resp, err = client.Do(req)
	require.NoError(t, err)
	resp.Body.Close()
	assert.NotContains(t, attrs(only(t, rec, "http.client.get")), KeyResendCount)
}

// The size of a body that was not declared is counted, once, and the body sent again
// from the beginning is not added.
func TestRequestBodies(t *testing.T) {
	tel, rec := slogteltest.New(t)
	srv := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprint(w, len(got))
	}), false)
	for name, req := range map[string]*http.Request{
		"declared": httptestRequest(srv.URL, strings.NewReader("hello")),
		"chunked":  httptestRequest(srv.URL, struct{ io.Reader }{strings.NewReader("hello")}),
		"NoBody":   httptestRequest(srv.URL, http.NoBody),
		"none":     httptestRequest(srv.URL, nil),
	} {
		rec.Reset()
		resp, err := NewTransport(nil, tel, nil).RoundTrip(req)
		require.NoError(t, err)
		got, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		size, ok := attrs(only(t, rec, "http.client.post"))[KeyRequestSize]
		assert.Equal(t, string(got) != "0", ok, name)
		if ok {
			assert.Equal(t, string(got), fmt.Sprint(size), name)
		}
	}

	rec.Reset()
	again := httptestRequest("http://h/", struct{ io.Reader }{strings.NewReader("hello")})
	again.GetBody = func() (io.ReadCloser, error) { return body("hello"), nil }
	_, _ = NewTransport(roundTrip(func(req *http.Request) (*http.Response, error) {
		_, _ = io.CopyN(io.Discard, req.Body, 3)
		second, _ := req.GetBody()
		_, _ = io.Copy(io.Discard, second)
		return &http.Response{StatusCode: 200}, nil
	}), tel, nil).RoundTrip(again)
	assert.EqualValues(t, 5, attrs(only(t, rec, "http.client.post"))[KeyRequestSize])
}

func httptestRequest(url string, body io.Reader) *http.Request {
	req, _ := http.NewRequest("POST", url, body)
	return req
}

type idler struct {
	roundTrip
	closed int
}

func (i *idler) CloseIdleConnections() { i.closed++ }

func TestCloseIdleConnections(t *testing.T) {
	tel, _ := slogteltest.New(t)
	base := new(idler)
	(&http.Client{Transport: NewTransport(base, tel, nil)}).CloseIdleConnections()
	assert.Equal(t, 1, base.closed)
	(&http.Client{Transport: NewTransport(roundTrip(nil), tel, nil)}).CloseIdleConnections()
}

func TestTimings(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("http2=%t", http2), func(t *testing.T) {
			tel, rec := slogteltest.New(t)
			srv := newServer(t, text(200, "x"), http2)
			client := &http.Client{Transport: NewTransport(srv.Client().Transport, tel, &ClientOptions{Timings: true})}
			get(t, client, srv.URL)
			get(t, client, srv.URL)
			all := rec.Timings("http.client.get")
			require.Len(t, all, 2)
			first, second := attrs(all[0]), attrs(all[1])
			assert.Equal(t, false, first[KeyConnReused])
			assert.Equal(t, true, second[KeyConnReused])
			assert.Equal(t, http2, first[KeyTLS] != nil)
			assert.NotContains(t, first, KeyDNS, "an address is not looked up")
			assert.Greater(t, first[KeyConnect], 0.0)
			assert.NotContains(t, second, KeyConnect)
			for _, m := range []map[string]any{first, second} {
				assert.Greater(t, m[KeyFirstByte], 0.0)
				if wrote, ok := m[KeyWroteRequest]; ok { // net/http may tell of it when all is over
					assert.Greater(t, wrote, 0.0)
				}
			}
		})
	}
}

func TestClientDeadline(t *testing.T) {
	tel, rec := slogteltest.New(t)
	srv := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(200)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}), false)
	ctx, cancel := context.WithCancel(t.Context())
	req, _ := http.NewRequestWithContext(ctx, "GET", srv.URL, nil)
	resp, err := NewTransport(nil, tel, nil).RoundTrip(req)
	require.NoError(t, err)
	cancel()
	_, err = io.ReadAll(resp.Body)
	require.ErrorIs(t, err, context.Canceled)
	resp.Body.Close()
	got := only(t, rec, "http.client.get")
	assert.True(t, got.Canceled)
	assert.Empty(t, got.Error)
}

// Reading and closing at the same time is how a caller gives up.
func TestReadAndCloseAtOnce(t *testing.T) {
	tel, rec := slogteltest.New(t)
	srv := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.CopyN(w, endless{}, 10<<20)
	}), false)
	rt := NewTransport(nil, tel, &ClientOptions{RawPreview: previews(true), Timings: true})
	for range 20 {
		resp, err := rt.RoundTrip(httptestRequest(srv.URL, nil))
		require.NoError(t, err)
		done := make(chan struct{})
		go func() { _, _ = io.Copy(io.Discard, resp.Body); close(done) }()
		runtime.Gosched()
		resp.Body.Close()
		<-done
	}
	assert.Len(t, rec.Timings("http.client.post"), 20)
	rec.CheckNoOpenScopes(t)
}
