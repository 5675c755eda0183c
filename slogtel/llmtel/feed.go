package llmtel

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"hash/crc32"
	"strings"
)

// A feed takes the body of a response in pieces, in whatever framing it comes, and hands
// the JSON values in it on: one document, an array of chunks, lines, server-sent events,
// or Amazon's event stream. Its memory is bounded.
type feed struct {
	json    condenser
	framing framing
	stream  bool // chunks come one by one

	line []byte // the beginning of a line of an event
	size int    // how long that line is so far

	prelude         []byte // of a frame
	headers         []byte
	toHeaders, left int // bytes still to come: of the headers, of the payload and the checksum

	head      []byte // the beginning of what is no JSON
	read      bool   // there was something
	malformed bool   // a value was no JSON
	done      bool   // the provider's mark at the end of a stream was there
	fault     string // an error that is named outside of the JSON
}

type framing uint8

const (
	undecided framing = iota
	asJSON
	asEvents
	asFrames
	asText // nothing that is read
)

const (
	maxLineHead     = 64
	maxHead         = 2 << 10
	maxFrameHeaders = 4 << 10
	preludeSize     = 12
	checksumSize    = 4
)

func newFeed(contentType string, emit func(value []byte, whole bool)) *feed {
	f := &feed{json: condenser{emit: emit, maxString: keptString}}
	switch kind, _, _ := strings.Cut(strings.ToLower(contentType), ";"); strings.TrimSpace(kind) {
	case "text/event-stream":
		f.stream = true
	case "application/vnd.amazon.eventstream":
		f.stream, f.framing = true, asFrames
	case "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines", "application/jsonlines", "application/stream+json":
		f.stream = true
	}
	return f
}

// Write takes the next bytes. It never fails.
func (f *feed) Write(p []byte) (int, error) {
	size := len(p)
	if f.framing == undecided {
		for len(p) > 0 && strings.IndexByte(" \t\r\n\xef\xbb\xbf", p[0]) >= 0 { // space, and a byte order mark
			p = p[1:]
		}
		if len(p) == 0 {
			return size, nil
		}
		f.framing = asText
		switch c := p[0]; {
		case c == '{' || c == '[':
			f.framing = asJSON
		case f.stream || c == 'd' || c == 'e' || c == 'i' || c == 'r' || c == ':':
			f.framing = asEvents
		}
	}
	f.read = f.read || len(p) > 0
	switch f.framing {
	case asJSON:
		f.json.write(p)
	case asEvents:
		f.events(p)
	case asFrames:
		f.frames(p)
	}
	if (f.framing == asText || f.framing == asEvents && !f.stream || f.json.bad) && len(f.head) < maxHead {
		f.head = append(f.head, p[:min(len(p), maxHead-len(f.head))]...)
	}
	return size, nil
}

// events takes lines of server-sent events.
// Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
func (f *feed) events(p []byte) {
	for len(p) > 0 {
		part, rest, ended := bytes.Cut(p, []byte{'\n'})
		f.inLine(part)
		if ended {
			f.endLine()
		}
		p = rest
	}
}

const dataField = "data:"

func (f *feed) inLine(part []byte) {
	before := f.size
	f.size += len(part)
	f.line = append(f.line, part[:max(0, min(len(part), maxLineHead-len(f.line)))]...)
	if bytes.HasPrefix(f.line, []byte(dataField)) && (f.json.busy() || f.begins('{')) {
		f.json.write(part[max(0, min(len(part), len(dataField)-before)):])
	}
}

// begins reports whether the data of the line begin with c.
func (f *feed) begins(c byte) bool {
	data := bytes.TrimLeft(f.line[len(dataField):], " ")
	return len(data) > 0 && data[0] == c
}

func (f *feed) endLine() {
	line := bytes.TrimRight(f.line, "\r ")
	field, value, _ := bytes.Cut(line, []byte{':'})
	value = bytes.TrimLeft(value, " ")
	f.line, f.size = f.line[:0], 0
	switch {
	case len(line) == 0: // the event ends
		f.endValue()
	case string(field) == "event":
		if f.stream = true; string(value) == "error" {
			f.fault = providerError
		}
	case string(field) != "data":
	case string(value) == "[DONE]":
		f.stream, f.done = true, true
	case len(value) > 0 && value[0] == '{' || f.json.busy():
		f.stream = true
	case len(value) > 0:
		f.malformed = true
	}
}

// endValue gives up a value that should have ended by now.
func (f *feed) endValue() {
	if f.json.busy() || f.json.bad {
		f.malformed = true
		f.json.reset()
		f.json.bad = false
	}
}

// frames takes messages of Amazon's event stream.
// Source: https://smithy.io/2.0/aws/amazon-eventstream.html
func (f *feed) frames(p []byte) {
	for len(p) > 0 && f.framing == asFrames {
		switch {
		case f.toHeaders > 0:
			n := min(len(p), f.toHeaders)
			f.headers = append(f.headers, p[:max(0, min(n, maxFrameHeaders-len(f.headers)))]...)
			f.toHeaders -= n
			p = p[n:]
		case f.left > 0:
			n := min(len(p), f.left)
			f.json.write(p[:max(0, min(n, f.left-checksumSize))])
			f.left -= n
			p = p[n:]
			if f.left == 0 {
				f.endFrame()
			}
		default:
			n := min(len(p), preludeSize-len(f.prelude))
			f.prelude = append(f.prelude, p[:n]...)
			p = p[n:]
			if len(f.prelude) == preludeSize {
				f.beginFrame()
			}
		}
	}
}

func (f *feed) beginFrame() {
	size, headers := uint64(binary.BigEndian.Uint32(f.prelude)), uint64(binary.BigEndian.Uint32(f.prelude[4:]))
	const most = 1 << 28 // beyond what the format allows, and within an int of 32 bits
	if crc32.ChecksumIEEE(f.prelude[:8]) != binary.BigEndian.Uint32(f.prelude[8:]) || size > most || size < preludeSize+headers+checksumSize {
		f.framing, f.malformed = asText, true
		return
	}
	f.toHeaders, f.left = int(headers), int(size-headers-preludeSize)
	f.prelude, f.headers = f.prelude[:0], f.headers[:0]
}

func (f *feed) endFrame() {
	f.endValue()
	f.fault = cmp.Or(frameHeader(f.headers, ":exception-type"), frameHeader(f.headers, ":error-code"), f.fault)
}

// frameHeader returns the text of a header of a frame. All that are of use here have the
// type of a text, and come before any others.
func frameHeader(h []byte, name string) string {
	const text = 7
	for len(h) > 0 {
		size := int(h[0])
		if len(h) < size+4 || h[size+1] != text {
			return ""
		}
		key, length := h[1:size+1], int(binary.BigEndian.Uint16(h[size+2:]))
		if h = h[size+4:]; len(h) < length {
			return ""
		}
		if string(key) == name {
			return string(h[:length])
		}
		h = h[length:]
	}
	return ""
}

// end takes the end of the body.
func (f *feed) end() {
	if f.size > 0 {
		f.endLine()
	}
	if f.json.busy() && len(f.json.buf) > 0 {
		f.json.emit(f.json.buf, false)
	}
}

// incomplete reports whether the body ended before its time. Ended tells that a reason
// for the end of the answer was there.
func (f *feed) incomplete(ended bool) bool {
	switch {
	case f.framing == asJSON && !f.stream:
		return !f.json.complete()
	case f.stream:
		return !f.done && !ended || f.framing == asJSON && f.json.busy()
	}
	return false
}

// notJSON reports whether the body, or a part of it, is none.
func (f *feed) notJSON() bool {
	return f.malformed || f.json.bad || f.framing == asText || f.framing == asEvents && !f.stream
}
