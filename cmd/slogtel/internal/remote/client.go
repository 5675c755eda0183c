package remote

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
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
	http   http.Client
	secret *strings.Replacer // masks the token in what a server says
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
	c := &client{secret: masks(token)}
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

// minSecret is the fewest bytes that are masked: fewer are no secret, and in many words.
const minSecret = 4

// masks returns what masks a token, its credentials, and what these say where they are Basic. Servers, and proxies before them, repeat
// in their errors what they were sent.
func masks(token string) *strings.Replacer {
	_, credentials, _ := strings.Cut(token, " ")
	credentials = strings.TrimSpace(credentials)
	parts := []string{token, credentials}
	if plain, err := base64.StdEncoding.DecodeString(credentials); err == nil {
		_, password, _ := strings.Cut(string(plain), ":")
		parts = append(parts, string(plain), password)
	}
	var pairs []string
	for _, part := range parts {
		if len(part) >= minSecret {
			pairs = append(pairs, part, "…")
		}
	}
	return strings.NewReplacer(pairs...)
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
		if said := c.secret.Replace(err.Error()); said != err.Error() {
			err = errors.New(said)
		}
		return nil, err
	}
	if resp.StatusCode/100 != 2 {
		defer cancel(nil)
		defer resp.Body.Close()
		return nil, c.failure(resp)
	}
	b := &idle{ReadCloser: resp.Body, ctx: ctx, cancel: cancel}
	b.timer = time.AfterFunc(idleTimeout, func() { cancel(fmt.Errorf("no more came for %s", idleTimeout)) })
	return b, nil
}

// maxReason is the most characters of an answer that an error has.
const maxReason = 300

// reason is the first line of what a server said, without what is secret.
func reason(said []byte, secret *strings.Replacer) string {
	line, _, _ := bytes.Cut(bytes.TrimSpace(said), []byte("\n"))
	return text.Cut(secret.Replace(strings.ToValidUTF8(string(bytes.TrimSpace(line)), "")), maxReason+1)
}

func (c *client) failure(resp *http.Response) error {
	head, _ := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	reason := reason(head, c.secret)
	if resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden {
		reason = strings.TrimPrefix(reason+"; a token goes into "+TokenVariable, "; ")
	}
	return errors.New(c.secret.Replace(resp.Status) + ": " + cmp.Or(reason, "an empty answer"))
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
