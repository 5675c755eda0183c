package secrets

import (
	"strings"
	"testing"
)

// separators may stand around a secret wherever it is planted: shapes that end ordinary words, too, are
// only told at the beginning of a word.
var separators = []string{" ", "\n", "\t", ", ", "; ", "\r\n", " (", " <"}

// FuzzText plants an example of the table into an arbitrary text. Nothing panics, and the secret is gone.
func FuzzText(f *testing.F) {
	examples := allExamples()
	for i := range examples {
		f.Add("before", "after", i, i)
	}
	f.Add(`{"password": "`, `"}`, 3, 1)
	f.Add("Cookie: a=\"", "-----BEGIN PRIVATE KEY-----", 9, 2)
	f.Add(`token=[{"`, `\"\\\"`, 20, 3)
	f.Fuzz(func(t *testing.T, before, after string, example, separator int) {
		e := examples[uint(example)%uint(len(examples))]
		sep := separators[uint(separator)%uint(len(separators))]
		text := before + sep + e.Text + sep + after

		got, n := Text(text)
		if strings.Contains(before, e.Secret) || strings.Contains(after, e.Secret) {
			return
		}
		if strings.Contains(got, e.Secret) {
			t.Errorf("%q survives in %q", e.Secret, got)
		}
		if n == 0 {
			t.Errorf("nothing found in %q", text)
		}
		if added := string(AppendText(nil, text)); added != got {
			t.Errorf("AppendText gives %q, Text %q", added, got)
		}
		pos := 0
		for {
			m, ok := Find(text, pos, All)
			if !ok {
				break
			}
			if m.Start < pos || m.End <= m.Start || m.End > len(text) || m.Rule == nil {
				t.Fatalf("bad match %v from %d", m, pos)
			}
			pos = m.End
		}
	})
}

// FuzzLookahead compares what is hidden in a text with what is hidden in its head alone.
func FuzzLookahead(f *testing.F) {
	examples := allExamples()
	f.Add("before", "after", 0, 100, 2500)
	f.Add(`password="`, `"`, 1, 2000, 2100)
	f.Add("https://u:p", "x@", 1, 1500, 3000)
	f.Add("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", 5, 700, 2200)
	f.Fuzz(func(t *testing.T, before, after string, example, fill, seen int) {
		e := examples[uint(example)%uint(len(examples))]
		text := before + e.Text + strings.Repeat(after+" ", int(uint(fill)%2000)/(len(after)+1)) + before + strings.Repeat("x", Lookahead)
		checkLookahead(t, text, int(uint(seen)%uint(len(text)+1)))
	})
}

// FuzzKey takes any name; names differ neither by case nor by separators at their ends.
func FuzzKey(f *testing.F) {
	for _, r := range KeyRules() {
		for _, name := range append(r.Match, r.NoMatch...) {
			f.Add(name)
		}
	}
	f.Fuzz(func(t *testing.T, name string) {
		if Key(name) && !Key("_"+name+"_") {
			t.Errorf("%q is a secret's name, but not with underscores around it", name)
		}
		if Key(name) && !Key("X_"+name) && name != "" && strings.Trim(name, "_-. ") == name && !wholeName(name) {
			t.Errorf("%q is a secret's name, but X_%s is not", name, name)
		}
	})
}

func wholeName(name string) bool {
	r := keyRule(name)
	return r.Where == Whole || r.Name == "token"
}

func allExamples() []Example {
	var all []Example
	for _, r := range Rules() {
		all = append(all, r.Match...)
	}
	return all
}
