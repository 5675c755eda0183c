package preview

import (
	"encoding/binary"
	"hash/crc32"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// frame is a message of Amazon's event stream with one header.
func frame(payload string) string {
	header := "\x0b:event-type\x07\x00\x05chunk"
	b := binary.BigEndian.AppendUint32(nil, uint32(12+len(header)+len(payload)+4))
	b = binary.BigEndian.AppendUint32(b, uint32(len(header)))
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	b = append(b, header+payload...)
	return string(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b)))
}

func TestAmazonsEventStream(t *testing.T) {
	s := frame(`{"role":"assistant"}`) + frame(`{"contentBlockIndex":0,"delta":{"text":"The "}}`) +
		frame(`{"contentBlockIndex":0,"delta":{"text":"Danube."}}`) + frame(`{"stopReason":"end_turn"}`) + frame(`{"usage":{"totalTokens":7}}`)
	want := Preview{Text: "The Danube.", FinishReason: "end_turn", Usage: map[string]any{"totalTokens": int64(7)}}
	assert.Equal(t, want, Of([]byte(s), 0))
	assert.Equal(t, want, Of(s+frame(`{"more":1}`)[:20], 0), "cut off")
	for end := range s {
		checkSane(t, Of(s[:end], 0), 0)
	}
}

// The last chunks of a long stream are read, and what it costs is bounded.
func TestLongStreams(t *testing.T) {
	chunk := "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word \"}}]}\n\n"
	end := "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
	p := Of(strings.Repeat(chunk, 20_000)+end, 0)
	assert.True(t, strings.HasPrefix(p.Candidate0Text, "word word "))
	assert.Contains(t, p.Candidate0Text, "…[+")
	assert.Equal(t, "stop", p.FinishReason)
	checkSane(t, Of(strings.Repeat(chunk, 3*maxChunks), 0), 0)
}

// Data that leads back to itself in many ways is given up, not followed for ever.
func TestManyWaysIntoItself(t *testing.T) {
	self := make(list, 50)
	loop := obj{"parts": self, "data": self, "response": self, "body": self, "chunks": self, "x": self}
	for i := range self {
		self[i] = loop
	}
	checkSane(t, Of(loop, 0), 0)
	checkSane(t, Of(self, 0), 0)
}
