package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestCountTokens(t *testing.T) {
	for text, want := range map[string]int{
		"":                     0,
		" \n\t":                0,
		"a":                    1,
		"sixsix":               1,
		"sevensev":             2,
		"two words":            2,
		"f(x) = y[1];":         10,
		"日本語":                  3,
		"éclair au café, 12€":  6,
		"internationalization": 4,
	} {
		assert.Equal(t, want, countTokens(text), "%q", text)
	}
}

func TestSentencesOfMarkdown(t *testing.T) {
	got := sentences("# A heading that is no sentence.\n\n" +
		"The first one goes over\ntwo lines of text. A second v1.2 one, \"this\", goes on! Too short.\n\n" +
		"- an item with [a link](http://example.com/x.y) in it.\n- another item that does not end\n\n" +
		"```go\nthis is code and no sentence.\n```\n\n| a | table is no sentence either. |\n> A quote from someone else here.\n")
	assert.Equal(t, []string{
		"The first one goes over two lines of text.",
		"A second v1.2 one, \"this\", goes on!",
		"an item with a link in it.",
		"A quote from someone else here.",
	}, got)
}

func TestSentencesOfGo(t *testing.T) {
	got := sentences("// Package p does what it does.\n// It does more of it too.\npackage p\n\n" +
		"//go:generate this is no sentence.\n\n// F is a function with an example:\n//\n//\tf := F() // and this is code.\n" +
		"func F() string { return \"This string is no sentence.\" } // A trailing comment is left out.\n")
	assert.Equal(t, []string{"Package p does what it does.", "It does more of it too."}, got)
}

func TestSummarize(t *testing.T) {
	texts := []string{
		"File: a.md\nIt is warm outside. Telemetry records what a program does with its files. The cat went into the garden yesterday.",
		"File: b.md\nNobody knows how this came to be. Telemetry records of a program are log records.",
		"no sentence",
		"- c.md: A program that makes telemetry has files.\n- d.md: The cat was in the garden.",
	}
	got, whole := summarize(texts, defaultPrompt, 1000)
	assert.True(t, whole)
	assert.Equal(t, "- a.md: It is warm outside.\n- b.md: Nobody knows how this came to be.\n- c.md: A program that makes telemetry has files.", got,
		"what opens each text")
	got, whole = summarize(texts, "Who was in the GARDEN?", 1000)
	assert.True(t, whole)
	assert.Equal(t, "- a.md: The cat went into the garden yesterday.\n- b.md: Nobody knows how this came to be.\n- d.md: The cat was in the garden.", got,
		"what has the words of the question")

	got, whole = summarize(texts, "", 15)
	assert.False(t, whole)
	assert.Len(t, strings.Split(got, "\n"), 1)
	assert.LessOrEqual(t, countTokens(got), 15)

	got, whole = summarize([]string{"", "File: x", "123"}, "", 10)
	assert.True(t, whole)
	assert.NotEmpty(t, got, "a provider always says something")
}

func FuzzSummarize(f *testing.F) {
	f.Add("File: a.go\npackage a\n// A sentence of some words.\n", "- list. Item. With sentences in it. ![x](y)", 100)
	f.Add("```\n.", "| . |\n\n1) \xff! é?\n\x00 .", 0)
	f.Fuzz(func(t *testing.T, a, b string, limit int) {
		got, whole := summarize([]string{a, b}, "", limit)
		if n := countTokens(got); whole && n > max(limit, 10) {
			t.Fatalf("%d tokens, %d allowed: %q", n, limit, got)
		}
		if utf8.ValidString(a) && utf8.ValidString(b) && !utf8.ValidString(got) {
			t.Fatalf("characters were torn: %q", got)
		}
	})
}
