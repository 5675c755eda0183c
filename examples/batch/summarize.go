package main

import (
	"slices"
	"strings"
	"unicode"
)

// sentence is one of those to choose from.
type sentence struct {
	text string // in one line
	from string // the name of the part that it stands in, "" if it has none
	part int
	// words are those that say what it is about, each once.
	words []string
	lead  bool // it opens its text
}

// summarize picks one sentence of each text, as long as they fit into so many
// tokens: those that say most of what all the texts say. It goes by the SumBasic
// method (Nenkova and Vanderwende, 2005): a sentence is worth the mean probability
// of its words, and once one is picked its words count for less. The words of the
// question count for more. It returns false when the tokens ran out.
func summarize(texts []string, question string, maxTokens int) (summary string, whole bool) {
	var all []sentence
	open := make(map[int]bool) // the texts that are still to be spoken for
	for i, text := range texts {
		name, body := splitHeader(text)
		for _, s := range sentences(body) {
			if words := keywords(s); len(words) >= 4 {
				all = append(all, sentence{s, name, i, words, !open[i]})
				open[i] = true
			}
		}
	}
	if len(all) == 0 {
		return "Nothing here is written in sentences.", true
	}
	weight := probabilities(all)
	for _, w := range keywords(question) {
		if !askingWords[w] {
			weight[w] *= 10
		}
	}
	lines := make([]string, len(texts)) // by text, so that they come in its order
	for len(open) > 0 {
		best := -1
		for i, s := range all {
			if open[s.part] && (best < 0 || worth(s, weight) > worth(all[best], weight)) {
				best = i
			}
		}
		s := all[best]
		if maxTokens -= countTokens(s.line()); maxTokens < 0 {
			break
		}
		lines[s.part] = s.line()
		delete(open, s.part)
		for _, w := range s.words {
			weight[w] *= weight[w]
		}
	}
	lines = slices.DeleteFunc(lines, func(s string) bool { return s == "" })
	return strings.Join(lines, "\n"), len(open) == 0
}

func (s sentence) line() string {
	if s.from == "" {
		return "- " + s.text
	}
	return "- " + s.from + ": " + s.text
}

// probabilities is how often each word occurs, of all words.
func probabilities(all []sentence) map[string]float64 {
	weight, total := make(map[string]float64), 0.0
	for _, s := range all {
		for _, w := range s.words {
			weight[w]++
			total++
		}
	}
	for w := range weight {
		weight[w] /= total
	}
	return weight
}

// worth is the mean weight of the words. The sentence that opens a text, which
// mostly says what it is about, counts for half as much again.
func worth(s sentence, weight map[string]float64) float64 {
	sum := 0.0
	for _, w := range s.words {
		sum += weight[w]
	}
	if s.lead {
		sum *= 1.5
	}
	return sum / float64(len(s.words))
}

// keywords are the words of a sentence that say what it is about, each once.
func keywords(s string) []string {
	var words []string
	seen := make(map[string]bool)
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(w) > 2 && !stopWords[w] && !seen[w] {
			seen[w] = true
			words = append(words, w)
		}
	}
	return words
}

// askingWords say how to answer, and not what about.
var askingWords = wordSet(`answer describe explain file files line list name one plain say sentence sentences summarize tell text words write`)

var stopWords = wordSet(`about above after all also and any are because been before being below between
		both but can cannot does each either for from had has have how into its itself may more most must neither nor not
		now off once one only onto other others our out over own same shall should since some such than that the their them
		then there these they this those through too under until upon very was were what when where whether which while who
		whose why will with within without would you your`)

func wordSet(words string) map[string]bool {
	set := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}
