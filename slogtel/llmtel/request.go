package llmtel

import (
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"sync"
)

// maxPeek is how much of a request's body is read for the name of the model. A large
// prompt may come before it.
const maxPeek = 8 << 20

// A peek reads the name of the model in a request's body, in little memory.
type peek struct {
	mu    sync.Mutex // the body may be sent while the response is read
	json  condenser
	read  int
	model string
}

func newPeek() *peek {
	p := new(peek)
	p.json = condenser{flat: true, maxString: 512, emit: func(value []byte, _ bool) {
		var body struct {
			Model   string `json:"model"`
			ModelID string `json:"modelId"`
		}
		if err := json.Unmarshal(value, &body); err == nil {
			p.model = cmp.Or(body.Model, body.ModelID)
		}
	}}
	return p
}

// Write takes the next bytes. It fails when there is no need for more.
func (p *peek) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	room := maxPeek - p.read
	if room <= 0 || p.model != "" {
		return 0, io.ErrShortWrite
	}
	p.json.write(b[:min(len(b), room)])
	p.read += min(len(b), room)
	return len(b), nil
}

func (p *peek) name() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.model
}

// watchedBody is a request's body that is looked at while it is sent.
type watchedBody struct {
	io.ReadCloser
	peek *peek
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 && n <= len(p) {
		_, _ = b.peek.Write(p[:n])
	}
	return n, err
}

// watchRequest sees to it that the model's name is read from the body: from a copy when
// the call is over, where there is one to be had, else while the body is sent.
func (c *call) watchRequest(out *http.Request) {
	if out.Body == nil || out.Body == http.NoBody || out.GetBody != nil {
		return
	}
	c.peek = newPeek()
	out.Body = &watchedBody{out.Body, c.peek}
}

// requestModel returns the name of the model that was asked for, or "".
func (c *call) requestModel() (model string) {
	defer func() { _ = recover() }() // in a method of the app's body
	switch {
	case c.where.model != "":
		return c.where.model
	case c.peek != nil:
		return c.peek.name()
	case c.req.GetBody == nil:
		return ""
	}
	body, err := c.req.GetBody()
	if err != nil || body == nil {
		return ""
	}
	defer body.Close()
	p := newPeek()
	_, _ = io.Copy(p, body)
	return p.name()
}
