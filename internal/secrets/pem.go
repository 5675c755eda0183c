package secrets

import "strings"

// pemHead is how far behind a BEGIN line key material is looked for; header lines may come first.
const pemHead = 512

// findPEM finds a private key in its textual encoding (RFC 7468; RFC 4880 for PGP; RFC 4716 for SSH2):
// from its BEGIN line to its END line or, where that is missing because the text was cut, to the next
// BEGIN line or the end of the text. Line ends may be real, escaped as in JSON, or spaces. A sentence
// that only mentions a BEGIN line is left alone. The anchor is the first dash.
func findPEM(src source, i int) (start, end int) {
	s := src.s
	if i > 0 && s[i-1] == '-' {
		return 0, 0
	}
	start, i = i, dash.run(s, i)
	if i-start < 4 {
		return 0, 0
	}
	i = skipBlank(s, i)
	if !strings.HasPrefix(s[i:], "BEGIN") {
		return 0, 0
	}
	label := s[i:pemLabel.runMax(s, i, 80)]
	private := strings.Index(label, "PRIVATE")
	if private < 0 || !strings.Contains(label[private:], "KEY") {
		return 0, 0
	}
	body := dash.run(s, i+len(label))
	if !hasMaterial(s[body:min(len(s), body+pemHead)]) {
		return 0, 0
	}
	return start, pemEnd(s, body)
}

// pemEnd returns the end of the key whose body begins at i. Only the text before the next BEGIN line
// is searched for the END line, so a text full of BEGIN lines is read once.
func pemEnd(s string, i int) int {
	block := s[i:]
	if next, _ := pemMarker(block, "BEGIN"); next >= 0 {
		block = block[:next]
	}
	if _, after := pemMarker(block, "END"); after >= 0 {
		return dash.run(s, pemLabel.runMax(s, i+after, 80))
	}
	return i + len(block)
}

// pemMarker finds dashes with word behind them: where they begin, and where word ends.
func pemMarker(s, word string) (at, after int) {
	for from := 0; ; {
		k := strings.Index(s[from:], "---")
		if k < 0 {
			return -1, -1
		}
		at = from + k
		from = dash.run(s, at)
		after = skipBlank(s, from)
		if strings.HasPrefix(s[after:], word) {
			return at, after + len(word)
		}
	}
}

// hasMaterial reports whether there is a run of base64 that is no word.
func hasMaterial(s string) bool {
	for i := 0; i < len(s); i++ {
		end := base64std.run(s, i)
		if run := s[i:end]; len(run) >= 20 || len(run) >= 12 && random(run) {
			return true
		}
		i = end
	}
	return false
}

var (
	pemLabel = chars("0-9A-Z %+_")
	dash     = chars("-")
)

// findPPK finds the private part of a PuTTY key (https://tartarus.org/~simon/putty-snapshots/htmldoc/AppendixC.html):
// the lines that Private-Lines counts, and the MAC. The anchor is the dash.
func findPPK(src source, i int) (start, end int) {
	const head = "Private-Lines:"
	s := src.s
	from := i - len("Private")
	if from < 0 || !strings.HasPrefix(s[from:], head) {
		return 0, 0
	}
	start = from + len(head)
	for start < len(s) && (isBlank(s[start]) || digit[s[start]] && start-from < 24) {
		start++
	}
	if !hasMaterial(s[start:min(len(s), start+96)]) {
		return 0, 0
	}
	end = len(s)
	if next := strings.Index(s[start:], head); next >= 0 {
		end = start + next
	}
	if k := strings.Index(s[start:end], "Private-MAC:"); k >= 0 {
		end = token68.run(s, skipBlank(s, start+k+len("Private-MAC:")))
	}
	return start, end
}
