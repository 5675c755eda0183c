package scope_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/scope"
)

var pattern = regexp.MustCompile(scope.Pattern)

// names maps a name to what Sanitize makes of it.
var names = map[string]string{
	"a":                 "a",
	"a.b_c.d9":          "a.b_c.d9",
	"a__b":              "a__b",
	"a_":                "a_",
	"":                  "unnamed",
	".":                 "unnamed",
	"...":               "unnamed",
	"_":                 "unnamed",
	"日本":                "unnamed",
	"a.":                "a",
	".a":                "a",
	"a..b":              "a.b",
	"My Scope":          "my_scope",
	"POST /v1/users":    "post_v1_users",
	"api-call":          "api_call",
	"_private":          "private",
	"404":               "x404",
	"http.404":          "http.x404",
	"a._b":              "a.b",
	"a\nb":              "a_b",
	"a\x1b[31mred":      "a_31mred",
	"a.\xff\xfe.b":      "a.b",
	"é.clair":           "clair",
	"trailing space ":   "trailing_space",
	"a:1|c\nforged:1|c": "a_1_c_forged_1_c",
}

func TestValidateAndSanitize(t *testing.T) {
	for in, want := range names {
		err := scope.Validate(in)
		assert.Equal(t, pattern.MatchString(in), err == nil, "%q: %v", in, err)
		if err != nil {
			assert.ErrorIs(t, err, scope.ErrInvalid)
		}
		got := scope.Sanitize(in)
		assert.Equal(t, want, got, "%q", in)
		assert.NoError(t, scope.Validate(got))
	}
}

func TestValidateSaysWhatAndWhere(t *testing.T) {
	for in, want := range map[string]string{
		"":       `the name is empty`,
		"api.Go": `invalid scope name "api.Go": 'G' at byte 4`,
		"a..b":   `'.' at byte 2: an empty segment`,
		"a.":     `'.' at byte 1: a dot with no segment after it`,
		"9a":     `'9' at byte 0: a segment starts with a letter`,
		"a b":    `' ' at byte 1: want a-z`,
	} {
		assert.ErrorContains(t, scope.Validate(in), want)
	}
	err := scope.Validate(strings.Repeat("a", 1<<20) + "!")
	require.ErrorContains(t, err, "1048577 bytes")
	assert.Less(t, len(err.Error()), 300, "an error does not repeat a huge name")
}

func TestSanitizeCutsHugeNames(t *testing.T) {
	for _, in := range []string{strings.Repeat("a", 1<<20), strings.Repeat("ab. ", 1<<18), strings.Repeat("9.", 1<<19)} {
		got := scope.Sanitize(in)
		assert.LessOrEqual(t, len(got), scope.MaxLength)
		assert.NoError(t, scope.Validate(got))
		assert.Equal(t, got, scope.Sanitize(got))
	}
}

func TestJoin(t *testing.T) {
	assert.Equal(t, "a.b", scope.Join("a", "b"))
	assert.Equal(t, "b", scope.Join("", "b"))
	assert.Equal(t, "a", scope.Join("a", ""))
	assert.Empty(t, scope.Join("", ""))
}

func TestContext(t *testing.T) {
	_, ok := scope.FromContext(context.Background())
	assert.False(t, ok)
	var none context.Context
	_, ok = scope.FromContext(none)
	assert.False(t, ok)

	want := scope.Info{Path: "a.b", Parent: "a", Depth: 1, TraceID: "t", SpanID: "s"}
	ctx := scope.NewContext(t.Context(), want)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	got, ok := scope.FromContext(ctx)
	assert.True(t, ok)
	assert.Equal(t, want, got)
}

func FuzzSanitize(f *testing.F) {
	for in := range names {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		valid := pattern.MatchString(in)
		if got := scope.Validate(in) == nil; got != valid {
			t.Fatalf("Validate(%q) accepts = %v, Pattern matches = %v", in, got, valid)
		}
		out := scope.Sanitize(in)
		if !pattern.MatchString(out) || len(out) > scope.MaxLength {
			t.Fatalf("Sanitize(%q) = %q: not valid", in, out)
		}
		if valid && len(in) <= scope.MaxLength && out != in {
			t.Fatalf("Sanitize(%q) = %q: a valid name was changed", in, out)
		}
		if again := scope.Sanitize(out); again != out {
			t.Fatalf("Sanitize(%q) = %q, then %q", in, out, again)
		}
	})
}

func ExampleValidate() {
	fmt.Println(scope.Validate("pipeline.plan"))
	fmt.Println(scope.Validate("pipeline.Plan"))
	// Output:
	// <nil>
	// invalid scope name "pipeline.Plan": 'P' at byte 9: a segment starts with a letter a-z
}

func ExampleSanitize() {
	fmt.Println(scope.Sanitize("POST /v1/users"))
	// Output: post_v1_users
}
