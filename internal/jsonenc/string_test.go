package jsonenc

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// stdString is the text that slog has for a string: the message of a record shows it.
func stdString(s string) string {
	var b bytes.Buffer
	h := slog.NewJSONHandler(&b, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key != slog.MessageKey {
			return slog.Attr{}
		}
		return a
	}})
	slog.New(h).Info(s)
	return strings.TrimSuffix(strings.TrimPrefix(b.String(), `{"msg":`), "}\n")
}

func checkString(t *testing.T, s string) {
	t.Helper()
	want := stdString(s)
	if got := string(AppendString(nil, s)); got != want {
		t.Fatalf("%q: got %s, want %s", s, got, want)
	}
	// Into spare capacity, and behind something.
	if got := string(AppendString(append(make([]byte, 0, 4096), "x"...), s)); got != "x"+want {
		t.Fatalf("%q: got %s, want %s", s, got, "x"+want)
	}
	if got := string(AppendKey(make([]byte, 0, 7), s)); got != want+":" {
		t.Fatalf("%q as a key: got %s, want %s", s, got, want+":")
	}
	var back string
	if err := json.Unmarshal([]byte(want), &back); err != nil || utf8.ValidString(s) && back != s {
		t.Fatalf("%q reads back as %q, %v", s, back, err)
	}
}

// Every byte at every place of strings around the lengths at which copyPlain changes its step.
func TestEveryByte(t *testing.T) {
	const filler = "abcdefghijklmnopqrstuvwxyz"
	for n := 0; n <= 26; n++ {
		checkString(t, filler[:n])
		for i := range n {
			for c := range 256 {
				checkString(t, filler[:i]+string([]byte{byte(c)})+filler[i+1:n])
			}
		}
	}
}

func TestEveryRune(t *testing.T) {
	var all strings.Builder
	for r := rune(0); r <= utf8.MaxRune; r++ {
		all.WriteRune(r)
	}
	checkString(t, all.String())
}

func TestStrings(t *testing.T) {
	for _, s := range []string{
		"", `"`, `\`, "\x00", "\x1f", "\x7f", "\b\f\n\r\t\v\a", "<a href='b'>&</a>", "\u2028\u2029\u2027\u202a",
		"\xff", "\xc3", "\xe2\x80", "\xe2\x80\xa8\xe2\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\x80", "\ufffd",
		"ünïcödé", "日本語", "🙂🙂", "a🙂\xf0\x9f\x99", strings.Repeat("long ", 1000), strings.Repeat("\"", 1000),
	} {
		checkString(t, s)
	}
	alphabet := []string{"a", "Z", " ", "\"", "\\", "\n", "\x01", "é", "日", "\u2028", "\xe2", "\x80", "\xff", "🙂", "plain text"}
	for range 20_000 {
		var b strings.Builder
		for range rand.IntN(20) {
			b.WriteString(alphabet[rand.IntN(len(alphabet))])
		}
		checkString(t, b.String())
	}
}

func FuzzString(f *testing.F) {
	f.Add("plain")
	f.Add("\xe2\x80\xa8\"\\\x00\xff")
	f.Fuzz(func(t *testing.T, s string) { checkString(t, s) })
}
