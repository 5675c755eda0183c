package slogjson

import (
	"log/slog"
	"sync/atomic"
)

// source writes a place in the program as a group of what is known of it.
func (l *line) source(key string, s *slog.Source) {
	if s == nil || *s == (slog.Source{}) {
		return
	}
	var members [3]slog.Attr
	n := 0
	if s.Function != "" {
		members[n] = slog.String("function", s.Function)
		n++
	}
	if s.File != "" {
		members[n] = slog.String("file", s.File)
		n++
	}
	if s.Line != 0 {
		members[n] = slog.Int("line", s.Line)
		n++
	}
	l.group(key, members[:n])
}

// appendSource appends the place at pc with a comma before it, or nothing when that is not known.
//
// To look a place up takes longer than all the rest of a line, and its answer never changes. So the
// text is remembered, in a table where a program counter has one slot: two that fall into the same
// one displace each other, which costs time and nothing else.
func appendSource(dst []byte, pc uintptr) []byte {
	slot := &places[uint64(pc)*0x9e3779b97f4a7c15>>(64-placeBits)]
	p := slot.Load()
	if p == nil || p.pc != pc {
		p = lookUp(pc)
		slot.Store(p)
	}
	return append(dst, p.text...)
}

type place struct {
	pc   uintptr
	text []byte
}

const placeBits = 10

var places [1 << placeBits]atomic.Pointer[place]

func lookUp(pc uintptr) *place {
	l := line{comma: true}
	l.source(slog.SourceKey, slog.Record{PC: pc}.Source())
	return &place{pc, l.buf}
}
