package remote

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// How long a server may take.
const (
	dialTimeout   = 10 * time.Second
	answerTimeout = 60 * time.Second // to begin to answer
	idleTimeout   = 60 * time.Second // between two parts of the answer
	maxRedirects  = 5
)

// A client sends requests, with a token to one server only.
type client struct {
	http http.Client
}

func newClient(to *url.URL, token, tenant string) (*client, error) {
	if token != "" && to.Scheme != "https" && !isLocal(to.Hostname()) {
		return nil, fmt.Errorf("%s is not sent in the clear: use https", TokenVariable)
	}
	if token != "" && !strings.Contains(token, " ") {
		token = "Bearer " + token
	}
	if strings.ContainsAny(token+tenant, "\r\n\x00") {
		return nil, fmt.Errorf("%s, %s: control characters in it", TokenVariable, TenantVariable)
	}
	c := new(client)
	c.http.Transport = &withToken{
		next: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: dialTimeout}).DialContext,
			TLSHandshakeTimeout:   dialTimeout,
			ResponseHeaderTimeout: answerTimeout,
			ForceAttemptHTTP2:     true,
		},
		scheme: to.Scheme, host: to.Host, token: token, tenant: tenant,
	}
	c.http.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		switch {
		case len(via) >= maxRedirects:
			return fmt.Errorf("more than %d redirects", maxRedirects)
		case r.Method != via[0].Method, via[0].URL.Scheme == "https" && r.URL.Scheme != "https":
			return fmt.Errorf("redirected to %s: give that address, if it is right", Name(r.URL.String()))
		}
		return nil
	}
	return c, nil
}

// A withToken adds the token to requests to one server, and not to those to others, to which a redirect may lead.
type withToken struct {
	next                        *http.Transport
	scheme, host, token, tenant string
}

func (t *withToken) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme == t.scheme && r.URL.Host == t.host {
		r = r.Clone(r.Context())
		if t.token != "" {
			r.Header.Set("Authorization", t.token)
		}
		if t.tenant != "" {
			r.Header.Set("X-Scope-OrgID", t.tenant)
		}
	}
	return t.next.RoundTrip(r)
}

func (c *client) get(ctx context.Context, u *url.URL) (io.ReadCloser, error) {
	return c.do(ctx, http.MethodGet, u, nil)
}

// do sends a request and returns the body of the answer. That of a failure is an error with its first line.
func (c *client) do(ctx context.Context, method string, u *url.URL, body []byte) (io.ReadCloser, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	r, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		cancel(nil)
		return nil, errors.New("a URL that cannot be asked for")
	}
	r.Header.Set("User-Agent", "slogtel")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(r)
	if err != nil {
		cancel(nil)
		if inner, ok := errors.AsType[*url.Error](err); ok {
			err = inner.Err // without the URL, which may have secrets in it
		}
		return nil, err
	}
	if resp.StatusCode/100 != 2 {
		defer cancel(nil)
		defer resp.Body.Close()
		return nil, failure(resp)
	}
	b := &idle{ReadCloser: resp.Body, ctx: ctx, cancel: cancel}
	b.timer = time.AfterFunc(idleTimeout, func() { cancel(fmt.Errorf("no more came for %s", idleTimeout)) })
	return b, nil
}

// maxReason is the most characters of an answer that an error has.
const maxReason = 300

func failure(resp *http.Response) error {
	head, _ := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	reason := ""
	for line := range bytes.Lines(head) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			reason = strings.ToValidUTF8(string(line), "")
			break
		}
	}
	if utf8.RuneCountInString(reason) > maxReason {
		reason = string([]rune(reason)[:maxReason]) + "…"
	}
	if resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden {
		reason = strings.TrimPrefix(reason+"; a token goes into "+TokenVariable, "; ")
	}
	return errors.New(resp.Status + ": " + cmp.Or(reason, "an empty answer"))
}

// idle is a body that must not stand still.
type idle struct {
	io.ReadCloser
	ctx    context.Context
	cancel context.CancelCauseFunc
	timer  *time.Timer
}

func (b *idle) Read(p []byte) (int, error) {
	b.timer.Reset(idleTimeout)
	n, err := b.ReadCloser.Read(p)
	b.timer.Stop()
	if cause := context.Cause(b.ctx); err != nil && err != io.EOF && cause != nil {
		err = cause
	}
	return n, err
}

func (b *idle) Close() error {
	b.timer.Stop()
	b.cancel(nil)
	return b.ReadCloser.Close()
}
