package preview

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/secrets"
	"github.com/slogtel/telemetry/internal/secrets/secretstest"
)

func TestCut(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"", 5, ""},
		{"12345", 5, "12345"},
		{"123456", 5, "12345…[+1 bytes]"},
		{"äöüäöü", 5, "äöüäö…[+2 bytes]"},
		{"日本語日本語", 3, "日本語…[+9 bytes]"},
		{"👩🏽‍🚀👩🏽‍🚀", 4, "👩🏽‍🚀…[+15 bytes]"},
		{"👩🏽‍🚀👩🏽‍🚀", 7, "👩🏽‍🚀…[+15 bytes]"},
		{"ab👩🏽‍🚀c", 4, "ab…[+16 bytes]"},
		{"cafe\u0301 noir", 4, "caf…[+8 bytes]"},
		{"🇩🇰🇩🇪🇫🇷", 3, "🇩🇰…[+16 bytes]"},
		{"한국\u1112\u1161\u11ab", 4, "한국…[+9 bytes]"},
		{"a\r\nb", 2, "a…[+3 bytes]"},
		{"नमस्ते", 3, "नम…[+12 bytes]"},
		{"a" + strings.Repeat("\u0301", 9), 5, "…[+19 bytes]"},
		{"a\xffb\xc3", 5, "a\ufffdb\ufffd"},
		{"a\x00\x1b[31mb\x7f\u0085\u202e", 20, "a\ufffd\ufffd[31mb\ufffd\ufffd\ufffd"},
		{"a\tb\r\nc", 20, "a\tb\r\nc"},
		{"pw=x password=hunter2 after", 40, "pw=x password=[REDACTED] after"},
		{"password=hunter2", 19, "password=[REDACTED]"},
		{"password=hunter2", 18, "password=…[+7 bytes]"},
		{"password=hunter2 and more", 22, "password=[REDACTED] an…[+6 bytes]"},
	} {
		assert.Equal(t, c.want, clip{s: c.in}.cut(c.limit), "%q at %d", c.in, c.limit)
	}
	assert.Equal(t, "…[+10 bytes]", clip{s: "abcxxxx", more: 3}.cut(3), "what may begin a secret is not shown")
	assert.Equal(t, "…[+more]", clip{s: "short", more: unknown}.cut(3))
}

// What is shown of a text is a prefix of what is shown of it without a limit.
func TestCutShowsAPrefix(t *testing.T) {
	text := strings.Repeat("word ", 50) + "password=EXAMPLE-pass " + strings.Repeat("日本 ", 5000)
	whole := clip{s: text}.cut(len(text))
	for limit := 1; limit < 400; limit++ {
		got, mark, found := strings.Cut(clip{s: text}.cut(limit), "…[+")
		assert.True(t, found)
		assert.Regexp(t, `^\d+ bytes\]$`, mark)
		assert.LessOrEqual(t, utf8.RuneCountInString(got), limit)
		assert.True(t, strings.HasPrefix(whole, got), "%d: %q", limit, got)
	}
}

// No part of a secret is seen at the edge, wherever the edge falls: not of one that begins before it and
// ends behind it, nor of one that is longer than all that is looked at.
func TestCutHidesSecretsAtTheEdge(t *testing.T) {
	long := strings.Repeat("Xy0", 4000)
	examples := []secretstest.Example{
		{Text: "AIza" + long, Secret: "AIza" + long},
		{Text: "eyJ" + long + "." + long, Secret: "eyJ" + long},
		{Text: "-----BEGIN PRIVATE KEY-----\n" + strings.Repeat("TUlJRUVYQU1QTEUx\n", 900), Secret: strings.Repeat("TUlJRUVYQU1QTEUx\n", 900)},
		{Text: `"password": "` + long + `"`, Secret: long},
		{Text: "https://u:" + long[:900] + "@h/", Secret: long[:900]},
	}
	for _, r := range secretstest.Shapes {
		examples = append(examples, r.Match...)
	}
	const limit = 64
	for _, e := range examples {
		at := strings.Index(e.Text, e.Secret)
		for before := range limit + 4 {
			text := strings.Repeat("é", before) + " " + e.Text + " " + strings.Repeat("é", 3000)
			got := clip{s: text}.cut(limit)
			shown, _, _ := strings.Cut(got, "…[+")
			context := strings.Repeat("é", before) + " " + e.Text[:at]
			if rest, ok := strings.CutPrefix(shown, context); ok && rest != "" {
				assert.True(t, strings.HasPrefix(rest, secrets.Mask), "%.60q: %q", e.Text, shown)
			}
			assert.Empty(t, secretstest.Leak(shown, "", e), "%.60q: %q", e.Text, shown)
			assert.LessOrEqual(t, utf8.RuneCountInString(shown), limit)
		}
	}
}

// The same where the text itself was cut off before it came here, as texts are that had to be decoded.
func TestCutOfAHead(t *testing.T) {
	fill := strings.Repeat("lorem ipsum ", 300)
	rare := 1
	if testing.Short() {
		rare = 5
	}
	for _, r := range secretstest.Shapes {
		for _, e := range r.Match {
			text := fill + e.Text + " " + fill
			for seen := len(fill) - 2; seen < len(fill)+len(e.Text)+secrets.Lookahead; seen += rare * (1 + len(e.Text)/8) {
				shown := clip{s: text[:seen], more: len(text) - seen}.cut(len(text))
				shown, _, cut := strings.Cut(shown, "…[+")
				assert.True(t, cut)
				assert.Empty(t, secretstest.Leak(shown, fill, e), "%q", shown)
				if at := len(fill) + strings.Index(e.Text, e.Secret); len(shown) > at {
					assert.True(t, strings.HasPrefix(shown[at:], secrets.Mask) || !strings.HasPrefix(shown, text[:at]), "%q", shown[at:])
				}
			}
		}
	}
}

func TestPieces(t *testing.T) {
	p := pieces{max: 10}
	assert.Equal(t, clip{}, p.clip())
	p.add(clip{})
	p.add(clip{s: "one text, longer than that"})
	assert.Equal(t, clip{s: "one text, longer than that"}, p.clip(), "a single part is not copied")
	p.add(clip{s: "x", more: 3})
	assert.Equal(t, clip{s: "one text, ", more: 20}, p.clip())

	p = pieces{max: 10}
	p.add(clip{s: "abc", more: 2})
	p.add(clip{s: "fgh"})
	assert.Equal(t, clip{s: "abc", more: 5}, p.clip(), "nothing is joined across a gap")

	p = pieces{max: 10}
	for i := range 5 {
		p.add(clip{s: fmt.Sprint(i, i, i)})
	}
	assert.Equal(t, clip{s: "0 0 01 1 1", more: 15}, p.clip())
}
