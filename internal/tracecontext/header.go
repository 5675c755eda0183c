// Package tracecontext carries a trace from process to process: the headers traceparent and
// tracestate of the W3C trace context (https://www.w3.org/TR/trace-context/), and the
// context.Context that is in the trace they name. What holds the headers, those of HTTP, the
// metadata of gRPC or a message of a queue, is the caller's.
package tracecontext

import "strings"

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

// traceparent is a parsed traceparent header. Its ids are pieces of the header.
type traceparent struct {
	traceID, spanID string
	flags           byte
}

// parseTraceparent parses the value of a traceparent header: version 00 to the
// letter, and of later versions the part that they have in common with it, as the
// specification asks for.
func parseTraceparent(s string) (p traceparent, ok bool) {
	const length = 2 + 1 + 32 + 1 + 16 + 1 + 2
	if len(s) < length || s[2] != '-' || s[35] != '-' || s[52] != '-' {
		return p, false
	}
	version, ok := hexByte(s[0], s[1])
	switch {
	case !ok || version == 0xff:
		return p, false
	case len(s) > length && (version == 0 || s[length] != '-'):
		return p, false
	}
	p.traceID, p.spanID = s[3:35], s[36:52]
	if p.flags, ok = hexByte(s[53], s[54]); !ok || !ValidID(p.traceID, 32) || !ValidID(p.spanID, 16) {
		return traceparent{}, false
	}
	p.flags &= knownFlags
	return p, true
}

// append appends p as a header of version 00.
func (p traceparent) append(dst []byte) []byte {
	const digits = "0123456789abcdef"
	dst = append(dst, "00-"...)
	dst = append(dst, p.traceID...)
	dst = append(dst, '-')
	dst = append(dst, p.spanID...)
	return append(dst, '-', digits[p.flags>>4], digits[p.flags&15])
}

// notHex is 1 for each byte that is no digit of lower-case hex.
var notHex = func() (table [256]byte) {
	for c := range table {
		if _, ok := hexDigit(byte(c)); !ok {
			table[c] = 1
		}
	}
	return table
}()

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

func hexByte(a, b byte) (byte, bool) {
	hi, ok1 := hexDigit(a)
	lo, ok2 := hexDigit(b)
	return hi<<4 | lo, ok1 && ok2
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	}
	return 0, false
}

// State returns the values of tracestate headers as one, or "" when there is none or it is not
// valid.
func State(values ...string) string {
	switch len(values) {
	case 0:
		return ""
	case 1:
		return checkedState(values[0])
	}
	length := len(values) - 1
	for _, s := range values {
		if length += len(s); length > maxStateLength {
			return ""
		}
	}
	return checkedState(strings.Join(values, ","))
}

// checkedState returns s if it is a valid tracestate, else "".
func checkedState(s string) string {
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
		if !found || n == maxStateMembers || !stateKey(key) || !stateValue(value) {
			return ""
		}
		for _, other := range keys[:n] {
			if other == key {
				return ""
			}
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
	if s == "" || len(s) > maxStateKey {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
		case i > 0 && (c == '_' || c == '-' || c == '*' || c == '/' || c == '@'):
		default:
			return false
		}
	}
	return true
}

func stateValue(s string) bool {
	if s == "" || len(s) > maxStateValue {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '=' {
			return false
		}
	}
	return true
}
