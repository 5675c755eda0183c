package preview

import (
	"encoding/binary"
	"hash/crc32"
	"strings"
)

// maxChunks is how many chunks of a stream are read.
const maxChunks = 1 << 16

// stream returns the chunks of a text that is several JSON values, one after the other
// or each in an event, or nil where it is no such text.
func stream(s string) func(yield func(view) bool) {
	for _, read := range [...]func(s string, yield func(view) bool){values, events, frames} {
		seq := func(yield func(view) bool) { read(s, yield) }
		for range seq {
			return seq
		}
	}
	return nil
}

// values yields the objects and arrays of a text that holds nothing else in its
// beginning, and more than one of them: JSON lines, or JSON values without a separator.
func values(s string, yield func(view) bool) {
	s = strings.TrimPrefix(s, "\ufeff")
	var first view
	for i, n := 0, 0; n < maxChunks; n++ {
		i = space(s, i)
		if at(s, i) == 0x1e { // RFC 7464
			i = space(s, i+1)
		}
		if c := at(s, i); c != '{' && c != '[' {
			return
		}
		d := &doc{steps: maxSteps}
		end, st := d.skip(s, i)
		if st == bad {
			if !d.ended || n == 0 {
				return
			}
			end = len(s)
		}
		v := (&doc{steps: 4 * maxSteps}).view(s[i:end])
		switch {
		case n == 0:
			first = v
		case n == 1 && !yield(first), !yield(v):
			return
		}
		i = end
	}
}

// eventField reports whether a text begins as a stream of server-sent events does.
func eventField(s string) bool {
	s = s[space(s, 0):]
	for _, field := range [...]string{"data:", "event:", "id:", "retry:", ":"} {
		if strings.HasPrefix(s, field) {
			return true
		}
	}
	return false
}

// events yields the data of server-sent events that is JSON.
// Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
func events(s string, yield func(view) bool) {
	s = strings.TrimPrefix(s, "\ufeff")
	if !eventField(s) {
		return
	}
	var data strings.Builder // lines of an event whose data is no JSON yet
	for n := 0; s != "" && n < maxChunks; {
		var line string
		line, s, _ = strings.Cut(s, "\n")
		line = strings.TrimSuffix(line, "\r")
		if line == "" {
			data.Reset()
			continue
		}
		payload, ok := strings.CutPrefix(strings.TrimLeft(line, " "), "data:")
		if !ok {
			continue
		}
		if data.Len() > 0 {
			data.WriteByte('\n')
			data.WriteString(payload)
			payload = data.String()
		}
		if !looksJSON(payload) {
			continue
		}
		v, ok, head := parseHead(payload)
		ok = ok || head && space(s, 0) == len(s) // the stream was cut off
		switch {
		case ok:
			data.Reset()
			if n++; !yield(v) {
				return
			}
		case data.Len() == 0 && len(payload) < maxInner:
			data.WriteString(payload)
		case data.Len() > maxInner:
			data.Reset()
		}
	}
}

// frames yields the payloads of messages in the encoding of Amazon's event streams.
// Source: https://smithy.io/2.0/aws/amazon-eventstream.html
func frames(s string, yield func(view) bool) {
	const prelude, checksum = 12, 4
	for n := 0; len(s) >= prelude+checksum && n < maxChunks; n++ {
		head := []byte(s[:prelude])
		size, headers := uint64(binary.BigEndian.Uint32(head)), uint64(binary.BigEndian.Uint32(head[4:]))
		if size < prelude+headers+checksum || size > uint64(len(s)) ||
			crc32.ChecksumIEEE(head[:8]) != binary.BigEndian.Uint32(head[8:]) {
			return
		}
		if v, ok := parse(s[prelude+headers : size-checksum]); ok && v.kind == object && !yield(v) {
			return
		}
		s = s[size:]
	}
}
