package remote

import (
	"context"
	"io"
	"net/url"
)

// A Poller asks for one URL again and again, by one connection.
type Poller struct {
	client *client
	url    *url.URL
	name   string
}

// NewPoller returns a Poller that asks for JSON, by the parameter format of the URL. The error is one of
// the URL, or of the token in the environment.
func NewPoller(name string) (*Poller, error) {
	u, c, err := dial(name)
	if err != nil {
		return nil, err
	}
	q := u.Query()
	q.Set("format", "json")
	u.RawQuery = q.Encode()
	return &Poller{c, u, Name(name)}, nil
}

// Get returns the answer of now, which is to be closed.
func (p *Poller) Get(ctx context.Context) (io.ReadCloser, error) { return p.client.get(ctx, p.url) }

// Name is what messages call the URL.
func (p *Poller) Name() string { return p.name }
