package events

import (
	"bytes"
	"errors"
)

// Lines that shippers put around an app's lines:
//
//   - Docker's json-file driver: {"log":"…\n","stream":"stdout","time":"…"}; a line of more than
//     16 KiB is split, and all parts but the last have no \n at the end.
//   - The CRI logging format of Kubernetes: time, stream, tag and the line, with spaces between;
//     the tag is F for a full line or the last part of one, P for a part that goes on.
//
// Both may split lines, which is why they are known. See search for all others.
const dockerPrefix = `{"log":"`

// wraps are the parts of lines that are not yet whole, by stream.
type wraps [2]partLine

type partLine struct {
	at   Position
	text []byte
	open bool
	long bool
}

// endChunk counts parts without an end: the input ended, as chunks do not part lines.
func (w *worker) endChunk() {
	for i := range w.wraps {
		if p := &w.wraps[i]; p.open {
			p.open = false
			w.counts.Read++
			w.bad(p.at, p.text, errors.New("a line split by a shipper, whose last part is missing"))
		}
		if p := &w.wraps[i]; cap(p.text) > 4*chunkSize {
			p.text = nil
		}
	}
}

// part reads a part of a line, and the line if that makes it whole.
func (w *worker) part(at Position, stream int, text []byte, last bool) {
	p := &w.wraps[stream]
	if !p.open {
		if last {
			w.inner(at, text)
			return
		}
		p.at, p.text, p.open, p.long = at, p.text[:0], true, false
	}
	if len(p.text)+len(text) > w.opts.MaxLine {
		p.long = true
	} else {
		p.text = append(p.text, text...)
	}
	if !last {
		return
	}
	p.open = false
	if p.long {
		w.tooLong(p.at)
	} else {
		w.inner(p.at, p.text)
	}
}

// inner reads a line that was wrapped.
func (w *worker) inner(at Position, line []byte) {
	line = bytes.TrimSpace(line)
	switch {
	case len(line) == 0:
		w.counts.Read++
		w.skipped(at, line)
	case line[0] == '{':
		w.json(at, line)
	default:
		w.other(at, line)
	}
}

// isCRI reports whether a line is of the form "time stream tag rest".
func isCRI(line []byte) bool {
	_, _, _, ok := cutCRI(line)
	return ok
}

func cutCRI(line []byte) (stream int, full bool, rest []byte, ok bool) {
	if len(line) == 0 || line[0]-'0' > 9 {
		return 0, false, nil, false
	}
	space := bytes.IndexByte(line[:min(len(line), 48)], ' ')
	if space < len("2006-01-02T15:04:05Z") || line[10] != 'T' {
		return 0, false, nil, false
	}
	rest = line[space+1:]
	switch {
	case bytes.HasPrefix(rest, []byte("stdout ")):
	case bytes.HasPrefix(rest, []byte("stderr ")):
		stream = 1
	default:
		return 0, false, nil, false
	}
	rest = rest[len("stdout "):]
	if len(rest) == 0 || rest[0] != 'F' && rest[0] != 'P' {
		return 0, false, nil, false
	}
	full = rest[0] == 'F'
	end := bytes.IndexByte(rest, ' ') // after the tag there may be others, with colons
	if end < 0 {
		end = len(rest) - 1
	}
	return stream, full, rest[end+1:], true
}

func (w *worker) cri(at Position, line []byte) {
	stream, full, rest, _ := cutCRI(line)
	w.part(at, stream, rest, full)
}
