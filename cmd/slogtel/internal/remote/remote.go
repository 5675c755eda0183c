// Package remote reads inputs that are URLs: of files, and of queries of the stores that lines are shipped to.
//
// A store is known by the path of the URL, whatever is before it, such as a proxy:
//
//   - …/select/logsql/query?query=… of VictoriaLogs (https://docs.victoriametrics.com/victorialogs/querying/);
//   - …/loki/api/v1/query_range?query=… of Loki (https://grafana.com/docs/loki/latest/reference/loki-http-api/);
//   - …/INDEX/_search?q=… of Elasticsearch and OpenSearch (https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-search).
//
// Their answers are asked for by time, a part after the other. Those of VictoriaLogs are handed on as lines as they come,
// those of the others a page at a time, so that memory does not grow with them. Any other URL is one file.
package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"time"
)

// The variables of the environment that a request may need.
const (
	TokenVariable  = "SLOGTEL_TOKEN"  // a bearer token, or a scheme, a space, and credentials
	TenantVariable = "SLOGTEL_TENANT" // the X-Scope-OrgID of Loki
)

// Help says what inputs may be URLs, for help texts.
const Help = `An input may be a URL: of a file, or of a query of VictoriaLogs (.../select/logsql/query?query=...), Loki
(.../loki/api/v1/query_range?query=..., of the last hour without --since) or Elasticsearch (.../INDEX/_search?q=...; sort=FIELD names
the field of the time, if that is not @timestamp). In the question + is %2B, & is %26, # is %23, ; is %3B and % is %25. The answer is read in parts, by time; --since and --until are part of
the question. SLOGTEL_TOKEN in the environment is sent as a bearer token, or as it is where it has a scheme ("Basic ...",
"ApiKey ..."), to the host of the URL only, by https or to this machine; SLOGTEL_TENANT is Loki's tenant. A URL with a
password in it is refused, as command lines can be seen by others.`

// Is reports whether an input is a URL.
func Is(name string) bool {
	scheme, _, ok := strings.Cut(name, "://")
	return ok && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https"))
}

// Name is what messages call an input: a URL without what it asks for, which may be long, or secret.
func Name(name string) string {
	if !Is(name) {
		return name
	}
	u, err := url.Parse(name)
	if err != nil {
		return "a URL"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// Check returns an error for a URL that cannot be read, or should not stand on a command line. It says nothing of what is secret in it.
func Check(name string) error {
	_, err := parse(name)
	return err
}

func parse(name string) (*url.URL, error) {
	u, err := url.Parse(name)
	switch {
	case err != nil:
		return nil, errors.New("a URL that is not well-formed")
	case u.User != nil:
		return nil, fmt.Errorf("%s: the URL has a user or a password in it, which others can see: put them into %s", Name(name), TokenVariable)
	case u.Host == "":
		return nil, fmt.Errorf("%s: the URL has no host", Name(name))
	}
	if _, err := url.ParseQuery(u.RawQuery); err != nil || u.Fragment != "" {
		return nil, fmt.Errorf("%s: what the URL asks for is not well-formed: + is %%2B, & is %%26, # is %%23, ; is %%3B, %% is %%25", Name(name))
	}
	return u, nil
}

// dial returns what asks for a URL.
func dial(name string) (*url.URL, *client, error) {
	u, err := parse(name)
	if err != nil {
		return nil, nil, err
	}
	c, err := newClient(u, os.Getenv(TokenVariable), os.Getenv(TenantVariable))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", Name(name), err)
	}
	return u, c, nil
}

// Open asks for an input, within the bounds in time if they are not zero. Errors of what comes later are those of reading.
func Open(ctx context.Context, name string, since, until time.Time) (io.ReadCloser, error) {
	u, c, err := dial(name)
	if err != nil {
		return nil, err
	}
	q := query{client: c, url: u, since: since, until: until, now: time.Now()}
	var pages func(ctx context.Context, w io.Writer) error
	switch path := strings.TrimSuffix(u.Path, "/"); {
	case strings.HasSuffix(path, "/select/logsql/query"):
		pages = q.victoriaLogs
	case strings.HasSuffix(path, "/loki/api/v1/query_range"):
		pages = q.loki
	case strings.HasSuffix(path, "/_search"):
		pages = q.elasticsearch
	default:
		body, err := c.get(ctx, u)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", Name(name), err)
		}
		return body, nil
	}
	ctx, cancel := context.WithCancel(ctx)
	r, w := io.Pipe()
	go func() { w.CloseWithError(pages(ctx, w)) }()
	return &pipe{r, cancel}, nil
}

// A query is what is asked of a store.
type query struct {
	client       *client
	url          *url.URL
	since, until time.Time
	now          time.Time
}

type pipe struct {
	*io.PipeReader
	cancel context.CancelFunc
}

func (p *pipe) Close() error {
	p.cancel()
	return p.PipeReader.Close()
}

// with returns the URL with other parameters.
func (q *query) with(params url.Values) *url.URL {
	u := *q.url
	u.RawQuery = params.Encode()
	return &u
}

// isLocal reports whether a host is this machine.
func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
