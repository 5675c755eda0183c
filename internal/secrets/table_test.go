package secrets_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	. "github.com/slogtel/telemetry/internal/secrets"
	"github.com/slogtel/telemetry/internal/secrets/secretstest"
)

// The examples of the table are its specification.
func TestRulesHideTheirExamples(t *testing.T) {
	for _, r := range secretstest.Shapes {
		t.Run(r.Rule, func(t *testing.T) {
			for _, e := range r.Match {
				assert.Contains(t, e.Text, e.Secret)
				got, n := Text(e.Text)
				assert.Empty(t, secretstest.Leak(got, "", e), "%q", got)
				assert.Contains(t, got, Mask)
				assert.Positive(t, n, "%q", e.Text)

				again, n := Text(got)
				assert.Equal(t, got, again, "hiding twice changes nothing")
				assert.Zero(t, n)
			}
			for _, s := range r.Clean {
				got, n := Text(s)
				assert.Equal(t, s, got)
				assert.Zero(t, n)
			}
		})
	}
}

// Each example is found by the rule that it stands under, whatever surrounds it.
func TestRulesInContext(t *testing.T) {
	around := []struct{ before, after string }{
		{"", ""}, {" ", " "}, {"\n", "\n"}, {"\t(", ")"}, {"some words, ", ". More words"}, {`"`, `"`}, {"`", "`"},
		{`{"x":"`, `","y":1}`}, {`line\n`, `\nline`}, {"<p>", "</p>"}, {"\x1b[31m", "\x1b[0m"}, {"é", "é"}, {"\u0026", "&a=b"},
		{`\u0026`, `\u0026`}, {"x=", " y=1"}, {"%20", "%20"},
	}
	for _, r := range secretstest.Shapes {
		t.Run(r.Rule, func(t *testing.T) {
			for _, e := range r.Match {
				for _, a := range around {
					text := a.before + e.Text + a.after
					got, _ := Text(text)
					assert.Empty(t, secretstest.Leak(got, a.before+a.after, e), "%q: %q", text, got)
				}
			}
		})
	}
}

// Text is often JSON that holds JSON, as strings, that holds the secret.
func TestRulesInEncodedText(t *testing.T) {
	encode := func(s string) string {
		b, err := json.Marshal(s)
		assert.NoError(t, err)
		return string(b)
	}
	for _, r := range secretstest.Shapes {
		t.Run(r.Rule, func(t *testing.T) {
			for _, e := range r.Match {
				for range 3 {
					secret := encode(e.Secret)
					e = secretstest.Example{Text: encode("before " + e.Text + " after"), Secret: secret[1 : len(secret)-1]}
					got, _ := Text(e.Text)
					assert.Empty(t, secretstest.Leak(got, "", e), "%s: %s", e.Text, got)
				}
			}
		})
	}
}

func TestRuleKinds(t *testing.T) {
	card := "4242" + "424242424242"
	text := card + " password=EXAMPLE-pass"

	got, n := Append(nil, text, Secret, "***")
	assert.Equal(t, card+" password=***", string(got))
	assert.Equal(t, 1, n)

	got, n = Append(nil, text, Personal, "***")
	assert.Equal(t, "*** password=EXAMPLE-pass", string(got))
	assert.Equal(t, 1, n)

	got, n = Append([]byte("> "), text, 0, "***")
	assert.Equal(t, "> "+text, string(got))
	assert.Zero(t, n)
}

func TestKeys(t *testing.T) {
	for _, r := range secretstest.Keys {
		kind := Secret
		if r.Personal {
			kind = Personal
		}
		for _, name := range r.Match {
			assert.True(t, KeyOf(name, kind), "%q is one", name)
			assert.Equal(t, kind == Secret, Key(name), "%q", name)
		}
		for _, name := range r.Clean {
			assert.False(t, Key(name) || KeyOf(name, All), "%q is none", name)
		}
	}
	for _, name := range []string{"", "_", "123", "...", "model", "text", "id", "user", "é", "\xff\xfe", "duration_s", "scope",
		"trace_id", "span_id", "error", "monkey", "keyboard", "passport_office", "compass", "tokenCount", strings.Repeat("a", 1000)} {
		assert.False(t, KeyOf(name, All), "%q is none", name)
	}
	assert.True(t, Key(strings.Repeat("a.", 500)+"api_key"), "the end of a long name counts")
	assert.True(t, Key("password9999"))
}
