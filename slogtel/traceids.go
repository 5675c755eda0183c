package slogtel

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log/slog"
	"math/rand/v2"
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
		return traceIDs{t.trace, newID(1), t.span, t.adopted}
	}
	return traceIDs{trace: newID(2), span: newID(1)}
}

// adopt puts the span that Options.TraceParent finds in ctx in the place of t, the
// ids of the enclosing scope, unless that scope was already inside it.
func (c *core) adopt(ctx context.Context, n *node, t *traceIDs) {
	trace, span := c.parentOf(ctx, n)
	if span != t.adopted && validID(trace, 32) && validID(span, 16) {
		*t = traceIDs{trace: trace, span: span, adopted: span}
	}
}

func (c *core) parentOf(ctx context.Context, n *node) (trace, span string) {
	defer func() {
		if v := recover(); v != nil {
			trace, span = "", ""
			c.errors.event(ctx, &EventError{Scope: n.path, Err: fmt.Errorf("Options.TraceParent: %w", panicError(v))})
		}
	}()
	return c.traceParent(ctx)
}

// validID reports whether id is one of the W3C trace context: n digits of lower-case
// hex, not all zero.
func validID(id string, n int) bool {
	if len(id) != n {
		return false
	}
	zero := true
	for i := range n {
		c := id[i]
		if (c < '0' || '9' < c) && (c < 'a' || 'f' < c) {
			return false
		}
		zero = zero && c == '0'
	}
	return !zero
}

// newID returns words random 64-bit words in hex, the first not zero.
func newID(words int) string {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:], max(1, rand.Uint64()))
	binary.BigEndian.PutUint64(raw[8:], rand.Uint64())
	var text [32]byte
	return string(text[:hex.Encode(text[:], raw[:8*words])])
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
	return append(dst, slog.String(KeyTraceID, t.trace), slog.String(KeySpanID, t.span))
}
