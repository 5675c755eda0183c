package live

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"
)

// patience is how long a client may take to read an update before it is given up.
const patience = 15 * time.Second

// serveEvents sends the sections of the page that have changed, as server-sent events: one named section
// for each, with its id and its HTML in JSON. The app never waits for a client: what is sent is made on the
// goroutine of the request, of a snapshot.
func (c *core) serveEvents(w http.ResponseWriter, r *http.Request, v view) {
	if n := c.clients.Add(1); n > int64(c.opts.MaxClients) {
		c.clients.Add(-1)
		c.refused.Add(1)
		w.Header().Set("Retry-After", "10")
		http.Error(w, "503 too many browsers are sent updates", http.StatusServiceUnavailable)
		return
	}
	defer c.clients.Add(-1)
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	if r.Method == http.MethodHead {
		return
	}
	ticker := time.NewTicker(c.opts.Interval)
	defer ticker.Stop()
	defer func() { _ = out.SetWriteDeadline(time.Time{}) }() // the connection may serve other requests
	send := func(event string, data any) bool {
		text, _ := json.Marshal(data) // strings
		var b bytes.Buffer
		b.WriteString("event: " + event + "\ndata: ")
		b.Write(text)
		b.WriteString("\n\n")
		_ = out.SetWriteDeadline(time.Now().Add(patience)) // where the server can
		if _, err := w.Write(b.Bytes()); err != nil {
			return false
		}
		return out.Flush() == nil
	}
	sent := make(map[string]string)
	for {
		p := c.pageOf(v)
		for _, id := range sections {
			html := c.section(id, p)
			if sent[id] == html {
				continue
			}
			if !send("section", map[string]string{"id": id, "html": html}) {
				return
			}
			sent[id] = html
		}
		select {
		case <-c.done:
			send("end", "")
			return
		case <-r.Context().Done():
			return
		case <-ticker.C:
		}
	}
}
