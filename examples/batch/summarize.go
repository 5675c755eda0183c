package main

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// countTokens counts the tokens of the built-in provider: a run of letters or digits is one
// for each six characters begun, and each mark is one, as is a letter of Chinese or Japanese.
func countTokens(text string) (n int) {
	run := 0
	for _, r := range text {
		if r < 0x2e80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			if run%6 == 0 {
				n++
			}
			run++
			continue
		}
		run = 0
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// summarize picks one sentence of each text, as long as they fit into so many tokens: the
// one with most words of the question, and the first of several. It returns false when
// the tokens ran out.
func summarize(texts []string, question string, maxTokens int) (summary string, whole bool) {
	var words []string
	if question != defaultPrompt { // which asks what opens each text
		words = word.FindAllString(strings.ToLower(question), -1)
	}
	var lines []string
	for _, text := range texts {
		from := ""
		if rest, ok := strings.CutPrefix(text, fileHeader); ok {
			from, text, _ = strings.Cut(rest, "\n")
			from += ": "
		}
		all := sentences(text)
		if len(all) == 0 {
			continue
		}
		line := "- " + from + slices.MaxFunc(all, func(a, b string) int { return contained(words, a) - contained(words, b) })
		if maxTokens -= countTokens(line); maxTokens < 0 {
			return strings.Join(lines, "\n"), false
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		return "Nothing here is written in sentences.", true
	}
	return strings.Join(lines, "\n"), true
}

// word is one that may say what a question is about.
var word = regexp.MustCompile(`[\p{L}\p{N}]{5,}`)

func contained(words []string, s string) (n int) {
	s = strings.ToLower(s)
	for _, w := range words {
		if strings.Contains(s, w) {
			n++
		}
	}
	return n
}

var (
	goCode    = regexp.MustCompile(`(?m)^(package|func|type|import|var|const)\b`)
	goComment = regexp.MustCompile(`^[ \t]*// (\S.*)`) // prose in it, and no code
	// aside is what stands between paragraphs, or before one: fenced code, headings, tables, HTML, and
	// the mark of an item or a quotation.
	aside    = regexp.MustCompile("(?ms)^[ \t]*```.*?(^[ \t]*```|\\z)|^[ \t]*[#|<][^\n]*|^[ \t]*([-*+>]|[0-9]+[.)])[ \t]+")
	link     = regexp.MustCompile(`!?\[([^\]]*)\]\([^)]*\)`)
	blanks   = regexp.MustCompile(`\n\s*\n`)
	sentence = regexp.MustCompile(`\S.*?[.!?]( |$)`)
)

// sentences returns the sentences of a text, each in one line: of Go code those in
// its comments, of other text those that are not code, tables or headings.
func sentences(text string) (all []string) {
	if goCode.MatchString(text) {
		var comments strings.Builder
		for line := range strings.Lines(text) {
			if m := goComment.FindStringSubmatch(line); m != nil {
				comments.WriteString(m[1])
			}
			comments.WriteByte('\n')
		}
		text = comments.String()
	}
	text = link.ReplaceAllString(aside.ReplaceAllString(text, "\n\n"), "$1")
	for _, paragraph := range blanks.Split(text, -1) {
		for _, s := range sentence.FindAllString(strings.Join(strings.Fields(paragraph), " "), -1) {
			if n := len(strings.Fields(s)); n >= 4 && n <= 60 {
				all = append(all, strings.TrimSpace(s))
			}
		}
	}
	return all
}
