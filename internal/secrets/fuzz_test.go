package secrets_test

import (
	"testing"

	. "github.com/slogtel/telemetry/internal/secrets"
	"github.com/slogtel/telemetry/internal/secrets/secretstest"
)

// separators may stand around a secret wherever it is planted: shapes that end ordinary words, too, are
// only told at the beginning of a word.
var separators = []string{" ", "\n", "\t", ", ", "; ", "\r\n", " (", " <"}

// FuzzText plants an example of the table into an arbitrary text. Nothing panics, and the secret is gone.
func FuzzText(f *testing.F) {
	examples := secretstest.Examples()
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
		if part := secretstest.Leak(got, before+"\x00"+after, e); part != "" {
			t.Errorf("%q of %q survives in %q", part, e.Secret, got)
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

// FuzzKey takes any name; names do not differ by separators at their ends.
func FuzzKey(f *testing.F) {
	for _, r := range secretstest.Keys {
		for _, name := range append(r.Match, r.Clean...) {
			f.Add(name)
		}
	}
	f.Fuzz(func(t *testing.T, name string) {
		if Key(name) && !Key("_"+name+"_") {
			t.Errorf("%q is a secret's name, but not with underscores around it", name)
		}
		if KeyOf(name, All) != (KeyOf(name, Secret) || KeyOf(name, Personal)) {
			t.Errorf("%q is of all kinds, but of none", name)
		}
	})
}
