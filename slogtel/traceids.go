package slogtel

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"math/rand/v2"

	"github.com/slogtel/telemetry/internal/tracecontext"
)

// traceIDs are W3C trace context ids in lower-case hex (https://www.w3.org/TR/trace-context/):
// 16 bytes for a trace, 8 for a span, neither all zero.
type traceIDs struct {
	trace, span, parent string
	adopted             string // the last span of Options.TraceParent that was taken for a parent
}

// child returns the ids of a span inside t: of the same trace, or of a new one.
func (t traceIDs) child() traceIDs {
	if t.trace != "" {
		return traceIDs{t.trace, newSpanID(), t.span, t.adopted}
	}
	trace, span := newTraceAndSpanID()
	return traceIDs{trace: trace, span: span}
}

// adopt puts the span that Options.TraceParent finds in ctx in the place of t, the
// ids of the enclosing scope, unless that scope was already inside it.
func (c *core) adopt(ctx context.Context, n *node, t *traceIDs) {
	trace, span := c.parentOf(ctx, n)
	if span == t.span && trace == t.trace {
		return // the scope itself, as Options.WithContext has it seen
	}
	if span != t.adopted && tracecontext.ValidID(trace, 32) && tracecontext.ValidID(span, 16) {
		*t = traceIDs{trace: trace, span: span, adopted: span}
	}
}

func (c *core) parentOf(ctx context.Context, n *node) (trace, span string) {
	defer func() {
		if v := recover(); v != nil {
			trace, span = "", ""
			c.errors.event(ctx, &EventError{Scope: n.info.Path, Err: fmt.Errorf("Options.TraceParent: %w", panicked(v))})
		}
	}()
	return c.traceParent(ctx)
}

// Ids are random, of words of 64 bits, the first of each not zero.

func newSpanID() string {
	var text [16]byte
	putHex(text[:], max(1, rand.Uint64()))
	return string(text[:])
}

// newTraceAndSpanID returns two ids that are pieces of one string.
func newTraceAndSpanID() (trace, span string) {
	var text [48]byte
	putHex(text[:16], max(1, rand.Uint64()))
	putHex(text[16:32], rand.Uint64())
	putHex(text[32:], max(1, rand.Uint64()))
	both := string(text[:])
	return both[:32], both[32:]
}

// putHex writes v as 16 digits of lower-case hex, eight at a time.
func putHex(dst []byte, v uint64) {
	binary.BigEndian.PutUint64(dst, hexDigits(uint32(v>>32)))
	binary.BigEndian.PutUint64(dst[8:], hexDigits(uint32(v)))
}

// hexDigits returns the digits of v, the first in the highest byte: each byte gets
// four bits of v, and what makes an ASCII digit or letter of them is added to all
// eight at once.
func hexDigits(v uint32) uint64 {
	const each = 0x0101010101010101
	x := uint64(v)
	x = (x | x<<16) & 0x0000ffff0000ffff
	x = (x | x<<8) & 0x00ff00ff00ff00ff
	x = (x | x<<4) & 0x0f0f0f0f0f0f0f0f
	letters := (x + 6*each) >> 4 & each // 1 in each byte that is above 9
	return x + '0'*each + letters*('a'-'0'-10)
}

func (t *traceIDs) appendTiming(dst []slog.Attr) []slog.Attr {
	if t.trace == "" {
		return dst
	}
	dst = t.appendMetric(dst)
	if t.parent != "" {
		dst = append(dst, slog.String(KeyParentSpanID, t.parent))
	}
	return dst
}

func (t *traceIDs) appendMetric(dst []slog.Attr) []slog.Attr {
	if t.trace == "" {
		return dst
	}
	dst = append(dst, slog.String(KeyTraceID, t.trace))
	if t.span != "" {
		dst = append(dst, slog.String(KeySpanID, t.span))
	}
	return dst
}
