package slogtel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/tracecontext"
)

func TestPutHex(t *testing.T) {
	words := []uint64{0, 1, 9, 10, 15, 16, 0x0123456789abcdef, 0xfedcba9876543210, 0x9a9a9a9aa9a9a9a9, math.MaxUint64}
	for range 1000 {
		words = append(words, rand.Uint64())
	}
	for _, w := range words {
		var text [16]byte
		putHex(text[:], w)
		assert.Equal(t, fmt.Sprintf("%016x", w), string(text[:]))
	}
}

func TestNewIDs(t *testing.T) {
	seen := make(map[string]bool)
	for range 1000 {
		trace, span := newTraceAndSpanID()
		alone := newSpanID()
		assert.True(t, tracecontext.ValidID(trace, 32), trace)
		assert.True(t, tracecontext.ValidID(span, 16), span)
		assert.True(t, tracecontext.ValidID(alone, 16), alone)
		for _, id := range []string{trace, trace[:16], trace[16:], span, alone} {
			assert.False(t, seen[id], id)
			seen[id] = true
		}
	}
}
