package secrets

import (
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/secrets/secretstest"
)

func TestTextReturnsCleanTextItself(t *testing.T) {
	for _, s := range []string{"", "generate", prose, logfmt, jsonLine} {
		got, n := Text(s)
		assert.Equal(t, s, got)
		assert.Zero(t, n)
		assert.True(t, unsafe.StringData(s) == unsafe.StringData(got), "the same string, not a copy")
	}
}

func TestCleanPathAllocatesNothing(t *testing.T) {
	dst := make([]byte, 0, 4096)
	for _, s := range []string{"generate", prose, logfmt, jsonLine} {
		assert.Zero(t, testing.AllocsPerRun(100, func() { Text(s) }))
		assert.Zero(t, testing.AllocsPerRun(100, func() { dst = AppendText(dst[:0], s) }))
		assert.Zero(t, testing.AllocsPerRun(100, func() { Find(s, 0, All) }))
	}
	for _, name := range []string{"duration_s", "candidatesTokenCount", "prompt_tokens", "x-goog-api-key", "password_hash"} {
		assert.Zero(t, testing.AllocsPerRun(100, func() { Key(name) }))
	}
}

func TestTextCounts(t *testing.T) {
	got, n := Text("password=EXAMPLE1 token=EXAMPLE2, Bearer EXAMPLE3")
	assert.Equal(t, "password=[REDACTED] token=[REDACTED], Bearer [REDACTED]", got)
	assert.Equal(t, 3, n)
	assert.Equal(t, "> "+got, string(AppendText([]byte("> "), "password=EXAMPLE1 token=EXAMPLE2, Bearer EXAMPLE3")))
}

// What is hidden must not take more of the text with it than needed: a reader wants the rest.
func TestTextKeepsTheRest(t *testing.T) {
	for in, want := range map[string]string{
		`{"api_key":"abc","model":"m"}`:                   `{"api_key":"[REDACTED]","model":"m"}`,
		`{"token":12345,"model":"m"}`:                     `{"token":[REDACTED],"model":"m"}`,
		`"{\"password\":\"a b\",\"n\":1}"`:                `"{\"password\":\"[REDACTED]\",\"n\":1}"`,
		"https://u:p@example.com/x":                       "https://[REDACTED]@example.com/x",
		"password:\" Set-Cookie: a=\"b c\"; d\nX":         "password:\"[REDACTED]\nX",
		"password:\"run --token \"b c\" x":                "password:\"[REDACTED]\"[REDACTED]\" x",
		"postgres://admin:S3cretpass":                     "postgres://[REDACTED]",
		"postgres://admin:5432":                           "postgres://admin:5432",
		"GET /v1?key=abc&alt=json HTTP/1.1":               "GET /v1?key=[REDACTED]&alt=json HTTP/1.1",
		"password=abc; user=bob":                          "password=[REDACTED]; user=bob",
		"Authorization: Bearer abc\nAccept: */*":          "Authorization: Bearer [REDACTED]\nAccept: */*",
		`curl -H "Cookie: a=b; c=d" https://x`:            `curl -H "Cookie: [REDACTED]" https://x`,
		`"{\"credentials\":{\"user\":\"}\"},\"n\":1}" x`:  `"{\"credentials\":[REDACTED],\"n\":1}" x`,
		"run --password abcd --verbose":                   "run --password [REDACTED] --verbose",
		"[token=abc] x":                                   "[token=[REDACTED] x",
		"eyJhbGciOiJub25lIn0" + ".eyJzdWIiOiJFIn0. Next.": "[REDACTED]. Next.",
	} {
		got, _ := Text(in)
		assert.Equal(t, want, got)
	}
}

func TestFindReadsContextBeforeFrom(t *testing.T) {
	s := "password=abc"
	m, ok := Find(s, len("password"), All)
	assert.True(t, ok)
	assert.Equal(t, "abc", s[m.Start:m.End])
	assert.Equal(t, "pair", m.Rule.Name)

	_, ok = Find(s, len(s), All)
	assert.False(t, ok)
	_, ok = Find("", 0, All)
	assert.False(t, ok)
}

// hidden marks the bytes of s that are hidden.
func hidden(s string) []bool {
	marks := make([]bool, len(s))
	for pos := 0; ; {
		m, ok := Find(s, pos, All)
		if !ok {
			return marks
		}
		for i := m.Start; i < m.End; i++ {
			marks[i] = true
		}
		pos = m.End
	}
}

// Whoever sees only the head of a text hides all that would be hidden with the whole in view, up to
// Lookahead bytes before its end.
func checkLookahead(t *testing.T, s string, seen int) {
	all, head := hidden(s), hidden(s[:seen])
	for i := 0; i < seen-Lookahead; i++ {
		if all[i] && !head[i] {
			t.Fatalf("byte %d of %d is shown when only %d are seen: …%q…", i, len(s), seen, s[max(0, i-40):min(len(s), i+40)])
		}
	}
}

func TestLookahead(t *testing.T) {
	fill := strings.Repeat("lorem ipsum ", 300)
	for _, r := range secretstest.Shapes {
		for _, e := range r.Match {
			s := fill + e.Text + " " + fill
			at := len(fill)
			for _, seen := range []int{at + Lookahead, at + len(e.Text)/2 + Lookahead, at + len(e.Text) + Lookahead} {
				checkLookahead(t, s, min(seen, len(s)))
			}
		}
	}
	// A secret longer than the view is hidden as far as the view goes.
	for _, s := range []string{
		"AIza" + strings.Repeat("x", 10000),
		"eyJ" + strings.Repeat("a", 10000) + "." + strings.Repeat("b", 10000),
		"-----BEGIN PRIVATE KEY-----\n" + strings.Repeat("TUlJRUVYQU1QTEUx\n", 1000) + "-----END PRIVATE KEY-----",
		"password=\"" + strings.Repeat("x ", 5000) + "\"",
		"Cookie: a=" + strings.Repeat("x ", 5000),
	} {
		for _, seen := range []int{Lookahead + 1, 3000, 5000, 9000} {
			checkLookahead(t, s, seen)
		}
	}
}

// FuzzLookahead compares what is hidden in a text with what is hidden in its head alone.
func FuzzLookahead(f *testing.F) {
	var examples []secretstest.Example
	for _, r := range secretstest.Shapes {
		examples = append(examples, r.Match...)
	}
	f.Add("before", "after", 0, 100, 2500)
	f.Add(`password="`, `"`, 1, 2000, 2100)
	f.Add("https://u:p", "x@", 1, 1500, 3000)
	f.Add("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", 5, 700, 2200)
	f.Fuzz(func(t *testing.T, before, after string, example, fill, seen int) {
		e := examples[uint(example)%uint(len(examples))]
		text := before + e.Text + strings.Repeat(after+" ", int(uint(fill)%2000)/(len(after)+1)) + before + strings.Repeat("x", Lookahead)
		checkLookahead(t, text, int(uint(seen)%uint(len(text)+1)))
	})
}

// Half secrets are read once: a run of base64url without a dot is no web token from any place in it.
func TestQuiet(t *testing.T) {
	s := strings.Repeat("eyJJ", 200) + " "
	sc := scanner{source: source{s, All}}
	_, ok := sc.next(0)
	assert.False(t, ok)
	assert.Contains(t, sc.quiet, len(s)-1)
}

// A mask is no secret, whatever it looks like: hiding twice changes nothing.
func TestAppendTwice(t *testing.T) {
	for _, mask := range []string{"***", "<hidden by policy>", "x", Mask} {
		for _, r := range secretstest.Shapes {
			for _, e := range r.Match {
				once, n := Append(nil, "a "+e.Text+" b", All, mask)
				assert.Positive(t, n)
				twice, _ := Append(nil, string(once), All, mask)
				assert.LessOrEqual(t, len(twice), len(once), "%q: %q", mask, once)
			}
		}
		once := "password=" + mask + " token: " + mask + " and text"
		twice, n := Append(nil, once, All, mask)
		assert.Equal(t, once, string(twice))
		assert.Zero(t, n)
		for m := range Matches(once, All, mask) {
			t.Errorf("%q", once[m.Start:m.End])
		}
	}
	got, n := Append(nil, "password=***EXAMPLE token=b", All, "***")
	assert.Equal(t, "password=*** token=***", string(got))
	assert.Equal(t, 2, n)
}

func TestMatches(t *testing.T) {
	s := "password=EXAMPLE1 token=EXAMPLE2, Bearer EXAMPLE3"
	var got []string
	for m := range Matches(s, All, Mask) {
		got = append(got, s[m.Start:m.End])
	}
	assert.Equal(t, []string{"EXAMPLE1", "EXAMPLE2", "EXAMPLE3"}, got)
	for m := range Matches(s, All, Mask) {
		assert.Equal(t, "pair", m.Rule.Name)
		break
	}
}

// What stands right behind a mask was not hidden with it.
func TestTextHidesTheRest(t *testing.T) {
	for text, want := range map[string]string{
		"password=[REDACTED]hunter2 and more": "password=[REDACTED] and more",
		"token: [REDACTED]a&b=1":              "token: [REDACTED]&b=1",
	} {
		got, n := Text(text)
		assert.Equal(t, want, got)
		assert.Equal(t, 1, n)
		again, n := Text(got)
		assert.Equal(t, want, again)
		assert.Zero(t, n)
	}
}

// A column of secrets is hidden in every row.
func TestTextHidesColumns(t *testing.T) {
	for text, want := range map[string]string{
		"user,password,token\nbob,ab,cd\neve,ef,gh\n\nThe end, it is.":  "user,password,token\nbob,[REDACTED],[REDACTED]\neve,[REDACTED],[REDACTED]\n\nThe end, it is.",
		"password;user\r\nab;bob\r\ncd;eve":                             "password;user\r\n[REDACTED];bob\r\n[REDACTED];eve",
		`user,api_key\nbob,ab\neve,cd`:                                  `user,api_key\nbob,[REDACTED]\neve,[REDACTED]`,
		"| user | password |\n|:---|---:|\n| bob | ab |\n| eve | cd |":  "| user | password |\n|:---|---:|\n| bob | [REDACTED] |\n| eve | [REDACTED] |",
		"INSERT INTO t (a, password) VALUES ('x)', 'ab'), ('y', 'cd');": "INSERT INTO t (a, password) VALUES ('x)', '[REDACTED]'), ('y', '[REDACTED]');",
		"user,password\nbob,\neve,cd":                                   "user,password\nbob,\neve,[REDACTED]",
		"user,password\nbob,token=ab\neve,cd":                           "user,password\nbob,[REDACTED]\neve,[REDACTED]",
		"time,password\n12":                                             "time,password\n12",
	} {
		got, _ := Text(text)
		assert.Equal(t, want, got)
		again, n := Text(got)
		assert.Equal(t, want, again)
		assert.Zero(t, n)
	}
}
