package slogteltest

import (
	"bytes"
	"encoding/json"
	"slices"
	"sync"
)

// A Buffer is where a handler under test writes. It is safe for concurrent use, so
// that a handler's own locking is not needed to read it; the zero Buffer is empty.
type Buffer struct {
	mu     sync.Mutex
	buf    []byte
	parsed []map[string]any // of buf[:done]
	done   int
}

// Write appends p. It never fails.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.buf = append(b.buf, p...)
	return len(p), nil
}

// String returns all that was written since the last Reset. It serves as
// Options.Output.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.buf)
}

// Reset forgets what was written.
func (b *Buffer) Reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.buf, b.parsed, b.done = nil, nil, 0
}

// badLine is the key under which Buffer.JSON gives a line that it cannot parse.
const badLine = "!BADLINE"

// JSON parses what was written as one JSON object a line. It serves as
// Options.Results. A line that is no JSON object is found under the key
// "!BADLINE", and fails every contract that comes upon it. The maps are not to be
// changed: a line is parsed only once.
func (b *Buffer) JSON() []map[string]any {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.parsed
	for line := range bytes.Lines(b.buf[b.done:]) {
		var m map[string]any
		if err := json.Unmarshal(line, &m); err != nil || m == nil {
			m = map[string]any{badLine: string(line)}
		}
		all = append(all, m)
		if bytes.HasSuffix(line, []byte("\n")) { // otherwise the rest may be yet to come
			b.parsed = all
			b.done += len(line)
		}
	}
	return slices.Clip(all)
}
