package remote

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
)

// pages hands on the lines of answers of which each begins at the latest time of the one before: lines of that time
// come again, and are left out.
type pages struct {
	w     io.Writer
	seed  maphash.Seed
	last  int64           // the latest time of a line
	seen  map[uint64]bool // the lines of that time
	n     int             // lines of this page
	fresh int             // of these, not seen before

	first  int64           // last of the page before
	before map[uint64]bool // its lines of that time
}

// newPages returns pages of lines that are not before a time.
func newPages(w io.Writer, since int64) *pages {
	return &pages{w: w, seed: maphash.MakeSeed(), seen: make(map[uint64]bool), before: make(map[uint64]bool), last: since, first: since}
}

// next begins a page.
func (p *pages) next() {
	p.n, p.fresh = 0, 0
	if p.last == p.first {
		for id := range p.before {
			p.seen[id] = true
		}
	}
	p.first, p.before = p.last, p.seen
	p.seen = make(map[uint64]bool)
}

// take hands on a line, which may have newlines in it, unless there was one of this time and name.
func (p *pages) take(at int64, name string, line []byte) error {
	p.n++
	id := maphash.Comparable(p.seed, struct {
		at   int64
		name string
	}{at, name})
	if p.before[id] {
		return nil
	}
	if at > p.last {
		p.last = at
		clear(p.seen)
	}
	if at == p.last {
		p.seen[id] = true
	}
	p.fresh++
	line = bytes.ReplaceAll(line, []byte{'\n'}, []byte{' '})
	_, err := p.w.Write(append(line, '\n'))
	return err
}

// maxAnswer is the most bytes of one page.
const maxAnswer = 128 << 20

var errNoAnswer = errors.New("the answer is not what the store's documentation says: is it cut off, or the page of a login or a proxy?")

// decode reads a page. The error says if it was cut off, or is something else.
func decode(body io.Reader, most int64, v any) error {
	limited := &io.LimitedReader{R: body, N: most}
	err := json.NewDecoder(limited).Decode(v)
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, kind := errors.AsType[*json.UnmarshalTypeError](err)
	switch {
	case err != nil && limited.N <= 0:
		return fmt.Errorf("an answer of more than %d bytes: limit=N, or size=N for Elasticsearch, in the URL asks for fewer lines at once", most)
	case err == io.EOF:
		return io.ErrUnexpectedEOF
	case syntax || kind:
		return errNoAnswer
	}
	return err
}
