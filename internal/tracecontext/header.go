// Package tracecontext carries a trace from process to process: the headers traceparent and
// tracestate of the W3C trace context (https://www.w3.org/TR/trace-context/), and the
// context.Context that is in the trace they name. What holds the headers, those of HTTP, the
// metadata of gRPC or a message of a queue, is the caller's.
package tracecontext

import (
	"slices"
	"strconv"
	"strings"
)

// Names of the headers, as the specification writes them.
const (
	Traceparent = "traceparent"
	Tracestate  = "tracestate"
)

// Flags of a traceparent. Others are reserved, and are zero in what is sent.
const (
	flagSampled = 0x01 // the caller may have recorded the trace
	flagRandom  = 0x02 // the trace id is random (level 2)
	knownFlags  = flagSampled | flagRandom
)

// Bounds of a tracestate. A longer one is dropped as a whole: the specification
// asks for 512 characters to be passed on, and allows no more than 32 members.
const (
	maxStateLength  = 512
	maxStateMembers = 32
	maxStateKey     = 256
	maxStateValue   = 256
)

// parseTraceparent parses the value of a traceparent header, of which the ids are pieces: version 00 to the
// letter, and of later versions the part that they have in common with it, as the
// specification asks for.
func parseTraceparent(s string) (p Remote, ok bool) {
	const length = 2 + 1 + 32 + 1 + 16 + 1 + 2
	if len(s) < length || s[2] != '-' || s[35] != '-' || s[52] != '-' {
		return p, false
	}
	version, rest := s[:2], s[length:]
	if !isHex(version) || version == "ff" || version == "00" && rest != "" || rest != "" && rest[0] != '-' {
		return p, false
	}
	p.TraceID, p.SpanID = s[3:35], s[36:52]
	if !ValidID(p.TraceID, 32) || !ValidID(p.SpanID, 16) || !isHex(s[53:length]) {
		return Remote{}, false
	}
	flags, _ := strconv.ParseUint(s[53:length], 16, 8)
	p.Flags = byte(flags) & knownFlags
	return p, true
}

const digits = "0123456789abcdef"

// append appends p as a header of version 00.
func (p Remote) append(dst []byte) []byte {
	dst = append(dst, "00-"...)
	dst = append(dst, p.TraceID...)
	dst = append(dst, '-')
	dst = append(dst, p.SpanID...)
	return append(dst, '-', digits[p.Flags>>4], digits[p.Flags&15])
}

// notHex is 1 for each byte that is no digit of lower-case hex.
var notHex = func() (table [256]byte) {
	for c := range table {
		if strings.IndexByte(digits, byte(c)) < 0 {
			table[c] = 1
		}
	}
	return table
}()

func isHex(s string) bool { return strings.Trim(s, digits) == "" }

// ValidID reports whether id is n digits of lower-case hex, not all zero. It is called several
// times a scope that comes from or goes to another process, and does not stop early.
func ValidID(id string, n int) bool {
	if len(id) != n {
		return false
	}
	var bad, set byte
	for i := range len(id) {
		bad |= notHex[id[i]]
		set |= id[i] ^ '0'
	}
	return bad == 0 && set != 0
}

// State returns the values of tracestate headers as one, or "" when there is none or it is not
// valid.
func State(values ...string) string {
	s := strings.Join(values, ",")
	if len(s) > maxStateLength {
		return ""
	}
	var keys [maxStateMembers]string
	n := 0
	for member := range strings.SplitSeq(s, ",") {
		if member = strings.Trim(member, " \t"); member == "" {
			continue
		}
		key, value, found := strings.Cut(member, "=")
		if !found || n == maxStateMembers || !stateKey(key) || !stateValue(value) || slices.Contains(keys[:n], key) {
			return ""
		}
		keys[n] = key
		n++
	}
	if n == 0 {
		return ""
	}
	return s
}

func stateKey(s string) bool {
	const first = "abcdefghijklmnopqrstuvwxyz0123456789"
	return s != "" && len(s) <= maxStateKey && strings.IndexByte(first, s[0]) >= 0 && strings.Trim(s, first+"_-*/@") == ""
}

func stateValue(s string) bool {
	return s != "" && len(s) <= maxStateValue && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' || r == '=' })
}
