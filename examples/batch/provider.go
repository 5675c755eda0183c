package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/preview"
)

// maxAnswer is the most bytes read of an answer: a server cannot fill our memory.
const maxAnswer = 4 << 20

// provider sends requests to a server that speaks the API of gemini.go. It is
// safe for concurrent use.
type provider struct {
	tel      *slogtel.Telemetry
	previews *preview.Previewer
	http     *http.Client
	endpoint string
	key      string
	timeout  time.Duration
	inFlight level
}

// query is one request for content, as it is sent.
type query struct {
	call
	model     string
	body      []byte
	estimated int // tokens of the prompt, those of a cache among them
	sources   int // of these, those of the sources
}

// answer is what the provider said to one request. One without a text was paid for as
// well: it has a usage, and comes with an error.
type answer struct {
	text         string
	finishReason string
	model        string
	usage        usageMetadata
	preview      preview.Preview // empty when previews are off
	api          time.Duration   // from the first byte sent to the last one received
}

// callError is why an attempt failed. Its text never holds the key.
type callError struct {
	text   string
	status int           // of HTTP; 0: there was no answer
	retry  bool          // trying again may help
	wait   time.Duration // what the server asks to wait before that, 0 if it says nothing
	dead   bool          // the server cannot be reached at all
}

func (e *callError) Error() string { return e.text }

func newProvider(tel *slogtel.Telemetry, previews *preview.Previewer, o options) *provider {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = o.concurrency
	return &provider{
		tel: tel, previews: previews, inFlight: level{tel: tel, name: "api.in_flight"},
		endpoint: o.endpoint, key: o.key, timeout: o.timeout,
		http: &http.Client{
			Transport: transport,
			// The key header would go along to wherever the redirect points.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

func (p *provider) close() { p.http.CloseIdleConnections() }

// generate makes one attempt. The error is a *callError, or the cause of ctx's end; the
// answer beside it holds what is known all the same.
func (p *provider) generate(ctx context.Context, q query) (answer, error) {
	p.inFlight.add(ctx, 1)
	a, status, err := p.attempt(ctx, q)
	p.inFlight.add(ctx, -1)
	p.tel.Count(ctx, "api.requests", 1, slog.Int("status", status))
	if err != nil {
		p.tel.Count(ctx, "api.errors", 1, slog.Int("status", status))
	}
	if u := a.usage; err == nil || u != (usageMetadata{}) {
		p.tel.Count(ctx, "api.tokens.prompt", u.PromptTokenCount)
		p.tel.Count(ctx, "api.tokens.cached", u.CachedTokenCount)
		p.tel.Count(ctx, "api.tokens.output", u.CandidatesTokenCount)
		p.tel.Count(ctx, "api.tokens.thoughts", u.ThoughtsTokenCount)
		p.tel.Count(ctx, "api.tokens.total", u.TotalTokenCount)
		p.tel.Histogram(ctx, "api.tokens_per_request", float64(u.TotalTokenCount))
	}
	return a, err
}

// attempt is one exchange in a scope of its own, from the first byte sent to the
// answer decoded.
func (p *provider) attempt(ctx context.Context, q query) (a answer, status int, err error) {
	ctx, span := p.tel.Start(ctx, "api.request", append(q.attrs(), slog.String("model", q.model), slog.Int("estimated_tokens", q.estimated))...)
	defer span.End()
	start := time.Now()
	data, resp, err := p.exchange(ctx, http.MethodPost, modelsPath+url.PathEscape(q.model)+generateContent, q.body)
	api := time.Since(start)
	if resp != nil {
		status = resp.StatusCode
		span.SetAttrs(slog.Int("status", status))
	}
	switch {
	case err != nil:
	case status != http.StatusOK:
		err = refusal(resp, data)
	default:
		a, err = decode(data)
	}
	if len(data) > 0 { // what was refused, cut off or not understood is shown as well
		span.SetAttrs(p.previews.Attr(data))
		a.preview = p.previews.Of(data)
	}
	a.api = api
	if a.usage != (usageMetadata{}) {
		span.SetAttrs(slog.Int64("actual_tokens", a.usage.PromptTokenCount))
	}
	span.SetAttrs(slog.Float64("api_s", seconds(api)), slog.Float64("non_api_s", seconds(time.Since(start)-api)))
	span.Fail(err)
	return a, status, err
}

// seconds are rounded to what a reader makes use of.
func seconds(d time.Duration) float64 { return d.Round(time.Microsecond).Seconds() }

// exchange sends body and returns the answer as it came, but for the key. Beside an
// error stands what came of it until then.
func (p *provider) exchange(outer context.Context, method, path string, body []byte) ([]byte, *http.Response, error) {
	ctx, cancel := context.WithTimeout(outer, p.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, p.endpoint+path, bytes.NewReader(body))
	if err != nil {
		return nil, nil, &callError{text: p.hide(err.Error())}
	}
	req.Header.Set("Content-Type", "application/json")
	if p.key != "" {
		req.Header.Set(keyHeader, p.key)
	}
	resp, err := p.http.Do(req)
	if err != nil {
		return nil, nil, p.failure(outer, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if p.key != "" { // a server may echo what it was sent
		data = bytes.ReplaceAll(data, []byte(p.key), []byte("[REDACTED]"))
	}
	switch {
	case err != nil:
		return data, resp, p.failure(outer, err)
	case len(data) > maxAnswer:
		return data, resp, &callError{text: fmt.Sprintf("the answer is larger than %d bytes", maxAnswer), status: resp.StatusCode}
	}
	return data, resp, nil
}

// failure makes an error of a connection that broke or never was. A server that
// cannot be reached at all is not tried again: it is down or the address is wrong.
func (p *provider) failure(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return &callError{text: fmt.Sprintf("no answer within %v", p.timeout), retry: true}
	}
	var dial *net.OpError
	unreachable := errors.As(err, &dial) && dial.Op == "dial"
	if e := new(url.Error); errors.As(err, &e) {
		err = e.Err // without the URL: it is the same for all
	}
	text := "the connection broke: " + err.Error()
	if unreachable {
		text = "the provider cannot be reached: " + err.Error()
	}
	return &callError{text: p.hide(text), retry: !unreachable, dead: unreachable}
}

func (p *provider) hide(text string) string {
	if p.key == "" {
		return text
	}
	return strings.ReplaceAll(text, p.key, "[REDACTED]")
}
