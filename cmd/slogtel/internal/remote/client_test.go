package remote

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A token reaches the server that it is for, and no other, wherever that one redirects to.
func TestToken(t *testing.T) {
	t.Setenv(TokenVariable, "secret")
	t.Setenv(TenantVariable, "team")
	got := make(map[string]http.Header)
	other := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got["other "+r.URL.Path] = r.Header
		io.WriteString(w, "x\n")
	})
	first := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got["first "+r.URL.Path] = r.Header
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, other+"/there", http.StatusFound)
		case "/moved":
			http.Redirect(w, r, "/here", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/x/_search":
			http.Redirect(w, r, other+"/x/_search?secret=1", http.StatusFound)
		default:
			io.WriteString(w, "x\n")
		}
	})
	for _, path := range []string{"/away", "/moved"} {
		_, err := read(t, first+path, time.Time{}, time.Time{})
		require.NoError(t, err)
	}
	assert.Equal(t, "Bearer secret", got["first /away"].Get("Authorization"))
	assert.Equal(t, "team", got["first /here"].Get("X-Scope-OrgID"))
	assert.Equal(t, "Bearer secret", got["first /here"].Get("Authorization"))
	assert.NotNil(t, got["other /there"])
	assert.Empty(t, got["other /there"].Get("Authorization"))
	assert.Empty(t, got["other /there"].Get("X-Scope-OrgID"))
	_, err := read(t, first+"/loop", time.Time{}, time.Time{})
	assert.ErrorContains(t, err, "more than 5 redirects")
	_, err = read(t, first+"/x/_search", time.Time{}, time.Time{})
	assert.ErrorContains(t, err, "redirected to "+other+"/x/_search: give that address")
	assert.NotContains(t, err.Error(), "secret")

	t.Setenv(TokenVariable, "ApiKey abc")
	_, err = read(t, first+"/y", time.Time{}, time.Time{})
	require.NoError(t, err)
	assert.Equal(t, "ApiKey abc", got["first /y"].Get("Authorization"))
	_, err = read(t, "http://logs.invalid/x", time.Time{}, time.Time{})
	assert.ErrorContains(t, err, "not sent in the clear")
	t.Setenv(TokenVariable, "a b\r\nX: y")
	_, err = read(t, first+"/y", time.Time{}, time.Time{})
	assert.ErrorContains(t, err, "control characters")
}

func TestFailures(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		status, _ := strconv.Atoi(r.URL.Path[1:4])
		w.WriteHeader(status)
		io.WriteString(w, r.FormValue("say"))
	})
	for path, want := range map[string]string{
		"/400?say=%0A%0Afirst%0Asecond": "400 Bad Request: first",
		"/500":                          "500 Internal Server Error: an empty answer",
		"/401?say=no":                   "401 Unauthorized: no; a token goes into SLOGTEL_TOKEN",
		"/403":                          "403 Forbidden: a token goes into SLOGTEL_TOKEN",
		"/503/loki/api/v1/query_range?query=x&say=busy": "503 Service Unavailable: busy",
		"/429/select/logsql/query?query=x&say=busy":     "429 Too Many Requests: busy",
		"/502/_search?say=" + strings.Repeat("x", 5000): "502 Bad Gateway: " + strings.Repeat("x", maxReason) + "…",
	} {
		_, err := read(t, url+path, time.Time{}, time.Time{})
		require.Error(t, err)
		assert.Equal(t, want, strings.TrimPrefix(err.Error(), url+"/"+path[1:4]+": "), path)
	}
}

func TestCheck(t *testing.T) {
	for name, want := range map[string]string{
		"http://user:secret@host/x?token=secret": "has a user or a password",
		"http://user@host/x":                     "has a user or a password",
		"http://us er:secret@host/x":             "not well-formed",
		"http://:secret@host/%zz":                "not well-formed",
		"http:///x":                              "no host",
		"http://host/x?query=a;b&x=secret":       "; is %3B",
		"http://host/x?query=a#secret":           "# is %23",
		"http://host/x?query=100%&x=secret":      "% is %25",
		"https://host/x?query=*":                 "",
	} {
		err := Check(name)
		if want == "" {
			assert.NoError(t, err)
			continue
		}
		assert.ErrorContains(t, err, want, name)
		assert.NotContains(t, err.Error(), "secret")
	}
	assert.Equal(t, "http://host/x", Name("http://user:secret@host/x?token=secret#y"))
	assert.True(t, Is("HTTPS://x"))
	assert.False(t, Is("file.jsonl"))
	assert.False(t, Is("ftp://x"))
}

// What is compressed on the way arrives as it was; what is a compressed file arrives as that.
func TestGzip(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte("a line\n"))
	z.Close()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/packed" {
			if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
				http.Error(w, "no gzip", http.StatusNotAcceptable)
			}
			w.Header().Set("Content-Encoding", "gzip")
		}
		w.Write(packed.Bytes())
	})
	got, err := read(t, url+"/packed", time.Time{}, time.Time{})
	require.NoError(t, err)
	assert.Equal(t, "a line\n", got)
	got, err = read(t, url+"/a.jsonl.gz", time.Time{}, time.Time{})
	require.NoError(t, err)
	assert.Equal(t, packed.String(), got)
}

// Whoever stops reading, or is interrupted, leaves no request behind.
func TestStop(t *testing.T) {
	gone := make(chan struct{})
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "a\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		gone <- struct{}{}
	})
	for _, path := range []string{"/file", "/select/logsql/query?query=a|b"} {
		for _, interrupt := range []bool{true, false} {
			ctx, cancel := context.WithCancel(t.Context())
			r, err := Open(ctx, url+path, time.Time{}, time.Time{})
			require.NoError(t, err)
			_, err = io.ReadFull(r, make([]byte, 2))
			require.NoError(t, err)
			if interrupt {
				cancel()
				_, err = io.ReadAll(r)
				assert.ErrorIs(t, err, context.Canceled)
			}
			r.Close()
			<-gone
			cancel()
		}
	}
}

// An answer that stands still ends.
func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		r, w := io.Pipe()
		context.AfterFunc(ctx, func() { w.CloseWithError(context.Cause(ctx)) })
		b := &idle{ReadCloser: r, ctx: ctx, cancel: cancel}
		b.timer = time.AfterFunc(idleTimeout, func() { cancel(fmt.Errorf("no more came for %s", idleTimeout)) })
		go func() {
			for range 3 {
				time.Sleep(idleTimeout - time.Second)
				w.Write([]byte("x"))
			}
		}()
		got, err := io.ReadAll(b)
		assert.Equal(t, "xxx", string(got))
		assert.ErrorContains(t, err, "no more came for 1m0s")
	})
}

// A server, or a proxy before it, repeats what it was sent. The token is not shown, whichever part of it that is.
func TestTokenInAnswers(t *testing.T) {
	token := ""
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		said := strings.Repeat("x", maxReason-5) + " "
		switch r.URL.Path {
		case "/long":
		case "/moved/_search":
			http.Redirect(w, r, "/"+token+"/_search", http.StatusFound)
			return
		case "/ok/select/logsql/query":
			io.WriteString(w, "no query of "+r.Header.Get("Authorization")+"\n")
			return
		default:
			user, password, _ := r.BasicAuth()
			said = user + " " + password + " "
		}
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, said+r.Header.Get("Authorization")+" is no good")
	})
	basic := base64.StdEncoding.EncodeToString([]byte("somebody:pa55word"))
	for whole, secrets := range map[string][]string{
		"s3cr3tT0ken":       {"s3cr3"},
		"Basic " + basic:    {basic[:5], "pa55"},
		"ApiKey Zm9vOmJhcg": {"Zm9v"},
	} {
		token = whole[strings.Index(whole, " ")+1:]
		t.Setenv(TokenVariable, whole)
		for _, path := range []string{"/short", "/long", "/moved/_search?q=x", "/ok/select/logsql/query?query=x", "/x/loki/api/v1/query_range?query=x"} {
			_, err := read(t, url+path, time.Time{}, time.Time{})
			require.Error(t, err, path)
			assert.Contains(t, err.Error(), "…", path)
			for _, secret := range secrets {
				assert.NotContains(t, err.Error(), secret, path)
			}
		}
	}
}
