package tracecontext

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const (
	id32 = "0af7651916cd43dd8448eb211c80319c"
	id16 = "b7ad6b7169203331"
	good = "00-" + id32 + "-" + id16 + "-01"
)

func TestParseTraceparent(t *testing.T) {
	for _, tc := range []struct {
		name, in string
		flags    byte
		ok       bool
	}{
		{"version 00", good, 1, true},
		{"not sampled", "00-" + id32 + "-" + id16 + "-00", 0, true},
		{"random", "00-" + id32 + "-" + id16 + "-03", 3, true},
		{"reserved flags are masked", "00-" + id32 + "-" + id16 + "-ff", 3, true},
		{"later version", "cc-" + id32 + "-" + id16 + "-01", 1, true},
		{"later version with more", "cc-" + id32 + "-" + id16 + "-01-what-will-be", 1, true},
		{"later version with an empty rest", "cc-" + id32 + "-" + id16 + "-01-", 1, true},
		{"later version, no dash", "cc-" + id32 + "-" + id16 + "-01.what", 0, false},
		{"later version joined", "cc-" + id32 + "-" + id16 + "-01," + good, 0, false},
		{"version 00 with more", good + "-what", 0, false},
		{"version 00 with a dash", good + "-", 0, false},
		{"version ff", "ff-" + id32 + "-" + id16 + "-01", 0, false},
		{"upper-case version", "CC-" + id32 + "-" + id16 + "-01", 0, false},
		{"bad version", ".0-" + id32 + "-" + id16 + "-01", 0, false},
		{"upper-case trace", "00-" + strings.ToUpper(id32) + "-" + id16 + "-01", 0, false},
		{"upper-case span", "00-" + id32 + "-" + strings.ToUpper(id16) + "-01", 0, false},
		{"upper-case flags", "00-" + id32 + "-" + id16 + "-0A", 0, false},
		{"zero trace", "00-" + strings.Repeat("0", 32) + "-" + id16 + "-01", 0, false},
		{"zero span", "00-" + id32 + "-" + strings.Repeat("0", 16) + "-01", 0, false},
		{"not hex", "00-" + id32[:31] + "g-" + id16 + "-01", 0, false},
		{"short trace", "00-" + id32[:31] + "-" + id16 + "-01", 0, false},
		{"long trace", "00-" + id32 + "0-" + id16 + "-01", 0, false},
		{"long span", "00-" + id32 + "-" + id16 + "0-01", 0, false},
		{"short flags", "00-" + id32 + "-" + id16 + "-1", 0, false},
		{"joined", good + "," + good, 0, false},
		{"space before", " " + good, 0, false},
		{"space after", good + " ", 0, false},
		{"newline", good[:54] + "\n", 0, false},
		{"wide", "00-" + strings.Repeat("é", 16) + "-" + id16 + "-01", 0, false},
		{"empty", "", 0, false},
		{"dashes", strings.Repeat("-", 55), 0, false},
		{"a megabyte", strings.Repeat("0", 1<<20), 0, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, ok := parseTraceparent(tc.in)
			assert.Equal(t, tc.ok, ok)
			if tc.ok {
				assert.Equal(t, Remote{TraceID: id32, SpanID: id16, Flags: tc.flags}, p)
			} else {
				assert.Zero(t, p)
			}
		})
	}
}

func TestTracestate(t *testing.T) {
	members := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString("," + string(rune('a'+i/26)) + string(rune('a'+i%26)) + "=1")
		}
		return b.String()[1:]
	}
	for _, tc := range []struct {
		name string
		in   []string
		want string
	}{
		{"none", nil, ""},
		{"one", []string{"rojo=00f067aa0ba902b7"}, "rojo=00f067aa0ba902b7"},
		{"as it came", []string{"a=1 , b=2,\t,c=3"}, "a=1 , b=2,\t,c=3"},
		{"several headers", []string{"a=1", "b=2"}, "a=1,b=2"},
		{"vendor key", []string{"fw529a3039@dt=x;y/z"}, "fw529a3039@dt=x;y/z"},
		{"empty", []string{""}, ""},
		{"commas", []string{",,,"}, ""},
		{"32 members", []string{members(32)}, members(32)},
		{"33 members", []string{members(33)}, ""},
		{"512 bytes", []string{"a=" + strings.Repeat("x", 256) + ",b=" + strings.Repeat("y", 251)},
			"a=" + strings.Repeat("x", 256) + ",b=" + strings.Repeat("y", 251)},
		{"513 bytes", []string{"a=" + strings.Repeat("x", 256) + ",b=" + strings.Repeat("y", 252)}, ""},
		{"513 bytes in two", []string{"a=" + strings.Repeat("x", 256), "b=" + strings.Repeat("y", 252)}, ""},
		{"a megabyte", []string{strings.Repeat("a=1,", 1<<18)}, ""},
		{"a key twice", []string{"a=1,a=2"}, ""},
		{"no value", []string{"a"}, ""},
		{"empty value", []string{"a="}, ""},
		{"empty key", []string{"=1"}, ""},
		{"upper-case key", []string{"A=1"}, ""},
		{"control byte", []string{"a=1\x00"}, ""},
		{"newline", []string{"a=1\r\nSet-Cookie: b"}, ""},
		{"not ASCII", []string{"a=é"}, ""},
		{"two equal signs", []string{"a=b=c"}, ""},
		{"long key", []string{strings.Repeat("a", 257) + "=1"}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			assert.Equal(t, tc.want, State(tc.in...))
		})
	}
}

func FuzzTraceparent(f *testing.F) {
	for _, s := range []string{good, "cc" + good[2:] + "-x", "ff" + good[2:], strings.ToUpper(good), good + "," + good, ""} {
		f.Add(s, "a=1,b=2")
	}
	f.Fuzz(func(t *testing.T, s, state string) {
		p, ok := parseTraceparent(s)
		if ok {
			out := string(p.append(nil))
			again, ok := parseTraceparent(out)
			assert.True(t, ok)
			assert.Equal(t, p, again)
			if s[:2] == "00" && s[53] == '0' && s[54] <= '3' {
				assert.Equal(t, s, out)
			}
			assert.Len(t, out, 55)
		}
		if kept := State(state); kept != "" {
			assert.Equal(t, state, kept)
			assert.LessOrEqual(t, len(kept), 512)
			assert.NotContains(t, kept, "\n")
		}
	})
}

func TestValidID(t *testing.T) {
	for id, want := range map[string]bool{"": false, "0": false, "00": false, "01": true, "f0": true, "0F": false, "0g": false, "0/": false, "0:": false, "0`": false, "001": false, "é": false} {
		assert.Equal(t, want, ValidID(id, 2), "%q", id)
	}
}

func BenchmarkValidID(b *testing.B) {
	for b.Loop() {
		ValidID(id32, 32)
	}
}
