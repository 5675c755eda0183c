package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"strconv"
	"time"
)

const (
	lokiPage  = 5000      // lines of an answer: the most that Loki gives unless it is configured otherwise
	lokiSince = time.Hour // before now, where nothing says since when
)

// loki writes the lines of a LogQL query, the oldest first, page by page: the next one begins at the time of the last line,
// and leaves out the lines of that time that were in the page before.
func (q *query) loki(ctx context.Context, w io.Writer) error {
	params := q.url.Query()
	if params.Get("query") == "" {
		return errors.New(`the URL has no query=…, such as {job="x"}`)
	}
	until := q.until
	if until.IsZero() {
		until = q.now
	}
	since := q.since
	if since.IsZero() {
		since = until.Add(-lokiSince)
	}
	start, end := since.UnixNano(), until.UnixNano()
	for name, to := range map[string]*int64{"start": &start, "end": &end} {
		if own := params.Get(name); own != "" && (name == "start" && q.since.IsZero() || name == "end" && q.until.IsZero()) {
			n, err := strconv.ParseInt(own, 10, 64)
			if err != nil {
				return fmt.Errorf("%s=%s in the URL: expected nanoseconds since 1970; --since and --until take other forms", name, own)
			}
			*to = n
		}
	}
	size := lokiPage
	if own, err := strconv.Atoi(params.Get("limit")); err == nil && own > 0 {
		size = own
	}
	params.Del("since")
	params.Del("interval")
	params.Set("direction", "forward")
	params.Set("limit", strconv.Itoa(size))
	params.Set("end", strconv.FormatInt(end, 10))
	page := lokiReader{w: w, seed: maphash.MakeSeed(), seen: make(map[uint64]bool), before: make(map[uint64]bool)}
	for start < end {
		params.Set("start", strconv.FormatInt(start, 10))
		body, err := q.client.get(ctx, q.with(params))
		if err != nil {
			return err
		}
		page.next()
		err = page.read(body)
		body.Close()
		if err != nil {
			return err
		}
		switch {
		case page.n < size:
			return nil
		case page.fresh == 0:
			return fmt.Errorf("more than %d lines of one nanosecond: they cannot be told apart by time", size)
		}
		start = page.last
	}
	return nil
}

// A lokiReader reads answers of query_range. Of a page, lines come by streams, each in the order of time.
type lokiReader struct {
	w     io.Writer
	seed  maphash.Seed
	last  int64           // the latest time of a line
	seen  map[uint64]bool // the lines of that time
	n     int             // lines of this page
	fresh int             // of these, not seen before

	first  int64           // last of the page before
	before map[uint64]bool // its lines of that time
}

// next begins a page.
func (p *lokiReader) next() {
	p.n, p.fresh = 0, 0
	if p.last == p.first {
		for id := range p.before {
			p.seen[id] = true
		}
	}
	p.first, p.before = p.last, p.seen
	p.seen = make(map[uint64]bool)
}

func (p *lokiReader) read(body io.Reader) error {
	s := newScanner(body)
	kind := ""
	err := s.object(func(key string) error {
		if key != "data" {
			return s.skip()
		}
		return s.object(func(key string) error {
			switch key {
			case "resultType":
				return s.value(&kind)
			case "result":
				return s.array(p.stream(s))
			}
			return s.skip()
		})
	})
	if err == nil && kind != "" && kind != "streams" {
		err = fmt.Errorf("the query gives numbers (%s), not lines", kind)
	}
	return err
}

func (p *lokiReader) stream(s *scanner) func() error {
	return func() error {
		var labels json.RawMessage
		return s.object(func(key string) error {
			switch key {
			case "stream":
				return s.value(&labels)
			case "values":
				return s.array(func() error {
					var entry []json.RawMessage // the time, the line, and maybe more
					if err := s.value(&entry); err != nil {
						return err
					}
					return p.entry(labels, entry)
				})
			}
			return s.skip()
		})
	}
}

func (p *lokiReader) entry(labels []byte, entry []json.RawMessage) error {
	var at, line string
	if len(entry) < 2 || json.Unmarshal(entry[0], &at) != nil || json.Unmarshal(entry[1], &line) != nil {
		return nil // of a matrix
	}
	ns, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return fmt.Errorf("%q is no time of Loki", at)
	}
	p.n++
	var h maphash.Hash
	h.SetSeed(p.seed)
	h.WriteString(at)
	h.Write(labels)
	h.Write(entry[1])
	id := h.Sum64()
	if p.before[id] {
		return nil
	}
	if ns > p.last {
		p.last = ns
		clear(p.seen)
	}
	if ns == p.last {
		p.seen[id] = true
	}
	p.fresh++
	return writeLine(p.w, []byte(line))
}

// writeLine writes a line, which may have newlines in it.
func writeLine(w io.Writer, line []byte) error {
	line = bytes.ReplaceAll(line, []byte{'\n'}, []byte{' '})
	_, err := w.Write(append(line, '\n'))
	return err
}

// maxValue is the most bytes of one value in an answer, and of a line.
const maxValue = 64 << 20

// A scanner reads JSON value by value, so that an answer need not be in memory as a whole.
type scanner struct {
	dec  *json.Decoder
	left *limited
}

type limited struct {
	r     io.Reader
	left  int64
	ended bool
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, fmt.Errorf("a value of more than %d bytes", maxValue)
	}
	n, err := l.r.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	l.ended = l.ended || err == io.EOF
	return n, err
}

func newScanner(r io.Reader) *scanner {
	l := &limited{r: r, left: maxValue}
	return &scanner{json.NewDecoder(l), l}
}

var errNoAnswer = errors.New("the answer is not what the store's documentation says: is it cut off, or the page of a login or a proxy?")

// value reads a value.
func (s *scanner) value(v any) error {
	s.left.left = maxValue
	return s.failure(s.dec.Decode(v))
}

// failure says what an error of the decoder means: an answer that was cut off, or one that is something else.
func (s *scanner) failure(err error) error {
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, kind := errors.AsType[*json.UnmarshalTypeError](err)
	switch {
	case err == io.EOF:
		return io.ErrUnexpectedEOF
	case syntax && s.left.ended:
		if rest, _ := io.ReadAll(s.dec.Buffered()); len(bytes.TrimSpace(rest)) == 0 {
			return io.ErrUnexpectedEOF
		}
		return errNoAnswer
	case syntax || kind:
		return errNoAnswer
	}
	return err
}

func (s *scanner) skip() error {
	var any json.RawMessage
	return s.value(&any)
}

// delim reads the bracket of an object or array. A null is an empty one.
func (s *scanner) delim(want json.Delim) (null bool, err error) {
	s.left.left = maxValue
	t, err := s.dec.Token()
	if err != nil {
		return false, s.failure(err)
	}
	if t == nil {
		return true, nil
	}
	if d, ok := t.(json.Delim); !ok || d != want {
		return false, errNoAnswer
	}
	return false, nil
}

// object reads an object: member reads the value of each key.
func (s *scanner) object(member func(key string) error) error {
	if null, err := s.delim('{'); null || err != nil {
		return err
	}
	for s.dec.More() {
		t, err := s.dec.Token()
		if err != nil {
			return s.failure(err)
		}
		key, _ := t.(string)
		if err := member(key); err != nil {
			return err
		}
	}
	_, err := s.delim('}')
	return err
}

// array reads an array: element reads each of it.
func (s *scanner) array(element func() error) error {
	if null, err := s.delim('['); null || err != nil {
		return err
	}
	for s.dec.More() {
		if err := element(); err != nil {
			return err
		}
	}
	_, err := s.delim(']')
	return err
}
