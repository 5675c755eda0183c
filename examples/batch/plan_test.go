package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPlanPacksUnderTheLimit(t *testing.T) {
	text := func(tokens int) string { return strings.Repeat("abc\n", tokens) }
	batches := makePlan(t.Context(), nil, []document{
		{"a", text(60)}, {"b", text(40)}, {"c", text(1)}, {"d", text(250)}, {"e", text(30)},
	}, 100)
	var got [][]string
	for i, b := range batches {
		assert.Equal(t, i+1, b.number)
		assert.LessOrEqual(t, b.tokens, 100)
		got = append(got, b.names())
	}
	assert.Equal(t, [][]string{
		{"a", "b"}, {"c"}, {"d (part 1 of 3)"}, {"d (part 2 of 3)"}, {"d (part 3 of 3)", "e"},
	}, got)
	assert.Empty(t, makePlan(t.Context(), nil, nil, 100))
}

func TestSplitLosesNothing(t *testing.T) {
	for name, text := range map[string]string{
		"lines":         strings.Repeat("a line of text\n", 500),
		"one long line": strings.Repeat("x", 5000),
		"wide":          strings.Repeat("日本語", 1000),
		"mixed":         "short\n" + strings.Repeat("é", 1000) + "\nend",
		"line feeds":    strings.Repeat("\n", 1000),
	} {
		t.Run(name, func(t *testing.T) {
			var joined strings.Builder
			pieces := split(document{"f", text}, 64)
			require.Greater(t, len(pieces), 1)
			for _, p := range pieces {
				assert.LessOrEqual(t, p.tokens, 64)
				assert.NotEmpty(t, p.text)
				assert.True(t, utf8.ValidString(p.text))
				joined.WriteString(p.text)
			}
			assert.Equal(t, text, joined.String())
		})
	}
}

func TestPackAtLeastTwo(t *testing.T) {
	pieces := make([]piece, 5)
	for i := range pieces {
		pieces[i].tokens = 1000
	}
	batches := pack(pieces, 100, 2)
	require.Len(t, batches, 3, "fewer than there were, or aggregation would not end")
	assert.Len(t, batches[0].pieces, 2)
	assert.Len(t, batches[2].pieces, 1)
}
