package oteltel

import (
	"regexp"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

// The syntax of https://opentelemetry.io/docs/specs/otel/metrics/api/#instrument-name-syntax.
var instrumentName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.\-/]{0,254}$`)

func FuzzNames(f *testing.F) {
	for _, s := range []string{"", "a.b", "1st", "grüße", "\xff", "_", "a b", "00000000000000000000000000000001-0000000000000001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name := metricName(s)
		assert.Regexp(t, instrumentName, name)
		assert.Equal(t, name, metricName(name))
		if instrumentName.MatchString(s) {
			assert.Equal(t, s, name)
		}
		assert.True(t, utf8.ValidString(valid(s)))
		for limit := range 3 {
			assert.LessOrEqual(t, utf8.RuneCountInString(cut(valid(s), limit)), limit)
		}
		sc, ok := parseLink(s)
		assert.True(t, !ok || sc.IsValid())
	})
}
