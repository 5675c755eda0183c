package errtext_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/errtext"
)

func TestOf(t *testing.T) {
	secret := &url.Error{Op: "Get", URL: "https://ann:hunter2@example.com/a?token=geheim#frag", Err: io.ErrUnexpectedEOF}
	const clean = `Get "https://example.com/a": unexpected EOF`
	deep := error(secret)
	for range 1000 {
		deep = fmt.Errorf("again: %w", deep)
	}
	for _, tc := range []struct {
		err  error
		want string
	}{
		{io.EOF, "EOF"},
		{secret, clean},
		{fmt.Errorf("call: %w", secret), "call: " + clean},
		{fmt.Errorf("%w, and %w", io.EOF, fmt.Errorf("x %w", secret)), "EOF, and x " + clean},
		{errors.Join(io.EOF, secret, secret), "EOF\n" + clean + "\n" + clean},
		{&url.Error{Op: "Get", URL: "http://x/a?b", Err: secret}, `Get "http://x/a": ` + clean},
		{&url.Error{Op: "Get", URL: "http://x/\n?q=1", Err: io.EOF}, `Get "http://x/\n": EOF`},
		{&url.Error{Op: "parse", URL: "http://a:p/w@x/%zz?q", Err: url.EscapeError("%zz")}, `parse "http://x/%zz": invalid URL escape`},
		{fmt.Errorf("%w: %w", secret, deep), ""},
	} {
		got := errtext.Of(tc.err)
		assert.NotContains(t, got[:min(len(got), 100)], "hunter2")
		if tc.want != "" {
			assert.Equal(t, tc.want, got)
		}
	}
}

func TestOfClient(t *testing.T) {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://ann:hunter2@127.0.0.1:1/path?token=geheim", nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.Error(t, err)
	if resp != nil {
		_ = resp.Body.Close()
	}
	assert.Contains(t, errtext.Of(err), `Get "http://127.0.0.1:1/path": `)
}

func TestURL(t *testing.T) {
	for raw, want := range map[string]string{
		"": "", "/a?b": "/a", "a#b": "a", "http://h": "http://h", "http://u@h/p@q": "http://h/p@q",
		"http://h:80/p@q": "http://h:80/p@q", "http://u:p/w@h:1/x": "http://h:1/x", "postgres://u:pa#ss@h/db": "postgres://h/db", "http://u:12345/6@h/%zz": "http://h/%zz", "x://u:p?w@h/%zz": "x://h/%zz", "//u:p@h/": "//h/", "http://u:p@[::1]:80": "http://[::1]:80",
		"mailto:a@b": "mailto:a@b", "?": "", "http://@/": "http:///",
	} {
		assert.Equal(t, want, errtext.URL(raw), raw)
	}
}

func FuzzURL(f *testing.F) {
	f.Add("http://u:p@h/a?b#c")
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := url.Parse(raw)
		if err != nil || u.User == nil || u.Opaque != "" {
			return
		}
		got, err := url.Parse(errtext.URL(raw))
		require.NoError(t, err, raw)
		assert.Nil(t, got.User, raw)
		assert.Empty(t, got.RawQuery)
	})
}

func TestText(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "",
		"no URL: a?b#c":                     "no URL: a?b#c",
		`Get "http://u:p@h/a?token=x": EOF`: `Get "http://h/a": EOF`,
		`Get "http://u:p@h/a?q=\"secret word\"#f": EOF`:                                `Get "http://h/a": EOF`,
		"dial postgres://ann:hunter2@db:5432/shop?a=b failed, as did amqp://u:p@q/x#y": "dial postgres://db:5432/shop failed, as did amqp://q/x",
		"(see https://example.com/a?b), [http://x/?c], 'ftp://u@y/z?'":                 "(see https://example.com/a), [http://x/], 'ftp://y/z'",
		"http://u:p@[::1]:80/a?b and http://[::1]/?c":                                  "http://[::1]:80/a and http://[::1]/",
		"://?a":               "://",
		"a://":                "a://",
		`"http://u:p@h/?open`: `"http://h/`,
		"x://?://u:p@h?q":     "x://",
		"rpc error: code = Unknown desc = Post \"https://h/v1?key=k\": context deadline exceeded": "rpc error: code = Unknown desc = Post \"https://h/v1\": context deadline exceeded",
	} {
		assert.Equal(t, want, errtext.Text(text))
	}
}

// A text never grows, and one without a URL stays as it is.
func FuzzText(f *testing.F) {
	f.Add("Get ", "http://u:p@h/a?b#c", ": EOF")
	f.Fuzz(func(t *testing.T, before, raw, after string) {
		text := before + strconv.Quote(raw) + after
		got := errtext.Text(text)
		assert.LessOrEqual(t, len(got), len(text))
		if !strings.Contains(text, "://") {
			assert.Equal(t, text, got)
		}
	})
}
