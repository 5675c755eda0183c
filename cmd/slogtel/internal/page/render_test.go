package page

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each script and style of the page is in its policy, and nothing else is.
func TestPolicy(t *testing.T) {
	html := string(render([]byte("{}")))
	policy := regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(html)
	require.NotNil(t, policy)
	var want []string
	for _, m := range regexp.MustCompile(`(?s)<(?:script|style)>(.*?)</(?:script|style)>`).FindAllStringSubmatch(html, -1) {
		sum := sha256.Sum256([]byte(m[1]))
		want = append(want, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	}
	assert.Len(t, want, len(styles)+len(scripts))
	assert.ElementsMatch(t, want, regexp.MustCompile(`'sha256-[^']*'`).FindAllString(policy[1], -1))
	assert.Contains(t, policy[1], "default-src 'none'")
	assert.NotContains(t, policy[1], "unsafe")
	assert.NotRegexp(t, `<[^>]* (src|href)=["']?[^#"']`, strings.Join(regexp.MustCompile(`(?s)<(script|style)>.*?</(script|style)>`).Split(html, -1), ""))
	assert.NotRegexp(t, `<[^>]* on[a-z]+=`, strings.Join(regexp.MustCompile(`(?s)<(script|style)>.*?</(script|style)>`).Split(html, -1), ""))
}

// Scripts put text into the page as text only, and the page could not hold an end tag.
func TestAssets(t *testing.T) {
	sinks := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc|setAttribute\("(style|on)`)
	inlined := append(append([]string{}, styles...), scripts...)
	for _, name := range inlined {
		source := asset(name)
		assert.NotContains(t, strings.ToLower(source), "</s", name)
		assert.NotContains(t, source, "<!--", name)
		assert.NotRegexp(t, sinks, source, name)
	}
	files, err := fs.Glob(assets, "assets/*.*s*")
	require.NoError(t, err)
	for _, name := range files {
		assert.Contains(t, inlined, strings.TrimPrefix(name, "assets/"), "is not on the page")
		assert.LessOrEqual(t, strings.Count(asset(strings.TrimPrefix(name, "assets/")), "\n"), 250, name)
	}
}

// The vendored files are those that VERSIONS notes, and their licence is on the page.
func TestVendor(t *testing.T) {
	for _, line := range strings.Split(strings.TrimSpace(asset("vendor/VERSIONS")), "\n")[1:] {
		sum, name, ok := strings.Cut(line, "  ")
		require.True(t, ok)
		assert.Equal(t, sum, fmt.Sprintf("%x", sha256.Sum256([]byte(asset("vendor/"+name)))), name)
	}
	assert.Contains(t, string(render(nil)), "The MIT License (MIT)")
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain.scope": "plain.scope", "日本": "日本", "a\x1b[31m\nb": `a\x1b[31m\nb`, "\u202egnp": `\u202egnp`, "\u2028": `\u2028`, "\xff": `\xff`,
	} {
		assert.Equal(t, want, clean(in, 100), "%q", in)
	}
	assert.Equal(t, "aaaa…", clean(strings.Repeat("a", 50), 4))
	assert.Equal(t, "é…", clean(strings.Repeat("é", 50), 3), "not half of a character")
}
