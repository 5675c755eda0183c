package main

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// splitHeader takes the "File: name" line off a text.
func splitHeader(text string) (name, body string) {
	if rest, ok := strings.CutPrefix(text, fileHeader); ok {
		name, body, _ = strings.Cut(rest, "\n")
		return name, body
	}
	return "", text
}

var (
	goCode = regexp.MustCompile(`(?m)^(package|func|type|import|var|const)\b`)
	link   = regexp.MustCompile(`!?\[([^\]]*)\]\([^)]*\)`)
	list   = regexp.MustCompile(`^([-*+>]|\d+[.)])\s+`)
)

// sentences returns the sentences of a text, each in one line: of Go code those in
// its comments, of other text those that are not code, tables or headings.
func sentences(text string) []string {
	var out []string
	for _, p := range paragraphs(text, goCode.MatchString(text)) {
		for p != "" {
			var s string
			s, p = cutSentence(p)
			if n := len(strings.Fields(s)); n >= 4 && n <= 60 && strings.ContainsAny(s[len(s)-1:], ".!?") {
				out = append(out, s)
			}
		}
	}
	return out
}

// paragraphs joins the lines that belong together.
func paragraphs(text string, code bool) []string {
	var out []string
	var current strings.Builder
	flush := func() {
		if current.Len() > 0 {
			out = append(out, current.String())
			current.Reset()
		}
	}
	fenced := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \t\r\n")
		if code {
			comment, ok := strings.CutPrefix(strings.TrimLeft(line, " \t"), "// ")
			if !ok || strings.HasPrefix(comment, "\t") || strings.HasPrefix(comment, " ") {
				flush()
				continue
			}
			line = comment
		}
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "```") || strings.HasPrefix(line, "~~~") {
			fenced = !fenced
			flush()
			continue
		}
		item := list.FindString(line)
		if fenced || line == "" || strings.ContainsRune("#|<", rune(line[0])) || item != "" {
			flush()
		}
		if fenced || line == "" || strings.ContainsRune("#|<", rune(line[0])) {
			continue
		}
		if current.Len() > 0 {
			current.WriteByte(' ')
		}
		current.WriteString(link.ReplaceAllString(line[len(item):], "$1"))
	}
	flush()
	return out
}

// cutSentence cuts a paragraph after its first sentence: at a full stop, question
// mark or exclamation mark before a space and something that can begin a sentence.
func cutSentence(p string) (first, rest string) {
	for i, r := range p {
		if r != '.' && r != '!' && r != '?' {
			continue
		}
		after := p[i+1:]
		next := strings.TrimLeft(after, " ")
		if next == after && next != "" {
			continue
		}
		if r, _ := utf8.DecodeRuneInString(next); next == "" || !unicode.IsLower(r) {
			return strings.TrimSpace(p[:i+1]), next
		}
	}
	return strings.TrimSpace(p), ""
}
