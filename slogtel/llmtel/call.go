package llmtel

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/preview"
)

// A call is one request, and the body of its response. Read and Close may run at the
// same time.
type call struct {
	*transport
	where endpoint
	req   *http.Request // the caller's
	peek  *peek         // of its body; nil: see requestModel
	ctx   context.Context
	span  *slogtel.Span
	start time.Time
	resp  *http.Response // nil: none
	body  io.ReadCloser

	mu       sync.Mutex // guards what follows
	ended    bool
	feed     *feed
	reader   *preview.Reader
	encoding string        // of a body that cannot be read as it comes
	zipped   []byte        // a compressed body, to be read in the end
	first    time.Duration // from the start to the first chunk; 0: there was none
	token    time.Duration // to the first piece of the answer
	last     time.Duration // to the last chunk
}

var (
	errNoResponse  = errors.New("RoundTrip returned neither a response nor an error")
	errNotReturned = errors.New("RoundTrip did not return")
)

// Bounds on a compressed body.
const (
	maxZipped   = 1 << 20
	maxUnzipped = 32 << 20
)

// respond takes the response, and puts the call in the place of its body.
func (c *call) respond(resp *http.Response) {
	c.resp = resp
	c.reader = preview.NewReader(c.opts.RawPreview)
	c.feed = newFeed(resp.Header.Get("Content-Type"), c.value)
	if e := strings.ToLower(resp.Header.Get("Content-Encoding")); e != "identity" {
		c.encoding = e
	}
	if resp.Body == nil || resp.Body == http.NoBody || resp.StatusCode == http.StatusSwitchingProtocols {
		c.end(nil, false)
		return
	}
	c.body = resp.Body
	if _, ok := resp.Body.(io.WriterTo); ok {
		resp.Body = callWriterTo{c}
	} else {
		resp.Body = c
	}
}

// callWriterTo is a call whose body can write itself.
type callWriterTo struct{ *call }

// WriteTo hands the body to w as the body itself does.
func (c callWriterTo) WriteTo(w io.Writer) (int64, error) {
	watched := &watchedWriter{Writer: w, call: c.call}
	n, err := c.body.(io.WriterTo).WriteTo(watched)
	if err == nil || watched.err == nil {
		c.end(err, false)
	} // else it was w that failed, and the body is still to be closed
	return n, err
}

type watchedWriter struct {
	io.Writer
	call *call
	err  error
}

func (w *watchedWriter) Write(p []byte) (n int, err error) {
	w.call.watch(p)
	n, w.err = w.Writer.Write(p)
	return n, w.err
}

// Read reads the response's body.
func (c *call) Read(p []byte) (int, error) {
	n, err := c.body.Read(p)
	if n > 0 && n <= len(p) {
		c.watch(p[:n])
	}
	switch {
	case err == io.EOF:
		c.end(nil, false)
	case err != nil:
		c.end(err, false)
	}
	return n, err
}

// Close closes the response's body, and ends the scope if that has not been done.
func (c *call) Close() error {
	err := c.body.Close()
	c.end(nil, true)
	return err
}

// watch looks at bytes of the body.
func (c *call) watch(p []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.ended:
	case c.encoding == "":
		_, _ = c.feed.Write(p)
	case c.encoding == "gzip" || c.encoding == "x-gzip":
		c.zipped = append(c.zipped, p[:max(0, min(len(p), maxZipped-len(c.zipped)))]...)
	}
}

// value takes a value of the body.
func (c *call) value(v []byte, whole bool) {
	now := max(1, time.Since(c.start))
	answers, ok := c.reader.Add(v)
	if !ok && whole {
		c.feed.malformed = true
	}
	if c.last = now; c.first == 0 {
		c.first = now
	}
	if answers && c.token == 0 {
		c.token = now
	}
	if c.feed.stream && bytes.Contains(v, []byte(`"done":true`)) { // Ollama
		c.feed.done = true
	}
}

// unzip reads what was kept of a compressed body.
func (c *call) unzip() {
	if len(c.zipped) == 0 {
		return
	}
	z, err := gzip.NewReader(bytes.NewReader(c.zipped))
	if err != nil {
		return
	}
	_, err = io.Copy(c.feed, io.LimitReader(z, maxUnzipped))
	if err == nil || len(c.zipped) < maxZipped {
		c.encoding = ""
	}
	c.zipped, c.first, c.token = nil, 0, 0 // of times nothing is known
}

// usageFromHeaders takes the counts that Bedrock has in headers, where the body has none.
// Source: https://docs.aws.amazon.com/bedrock/latest/userguide/inference-invoke.html
func usageFromHeaders(t *preview.Tokens, h http.Header) {
	if *t != (preview.Tokens{}) {
		return
	}
	t.Input, _ = strconv.ParseInt(h.Get("X-Amzn-Bedrock-Input-Token-Count"), 10, 64)
	t.Output, _ = strconv.ParseInt(h.Get("X-Amzn-Bedrock-Output-Token-Count"), 10, 64)
	t.Input, t.Output = max(0, t.Input), max(0, t.Output)
}
