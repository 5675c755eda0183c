package preview

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/slogtel/telemetry/internal/secrets/secretstest"
)

// FuzzOf gives any bytes, as bytes and as text, to Of: no panic, and a sane preview.
func FuzzOf(f *testing.F) {
	for _, one := range fixtures(f) {
		f.Add([]byte(one.body), 0)
	}
	f.Add([]byte(`{"usage":{"a":1e999,"token":1,"b":"\ud800"},"text":[[["x"]]],"x":{"name":"api_key","value":"\u0000"}}`), 7)
	f.Add([]byte("\xef\xbb\xbf[{}]"), 3)
	f.Add([]byte(`{"usage":{"a":1e999,"b":18446744073709551615,"c":-0}}`), 0)
	f.Add([]byte("{\"text\":\"\\n\xe2\x82\xac\xe2\"}"), 2)
	f.Add([]byte(`{"x":"{\"y\":\"[1]\"}"}`), 0)
	f.Add([]byte(`{"x":[{"name":"api_key","value":1},["token","y"]]}`), 0)
	f.Add([]byte(`{"model":"m","candidates":[{`), 5)
	f.Add([]byte(`{"text":"\ud83d\ud83d\ude00"}`), 3)
	f.Fuzz(func(t *testing.T, raw []byte, limit int) {
		before := string(raw)
		checkSane(t, Of(raw, limit), limit)
		checkSane(t, Of(string(raw), limit), limit)
		checkSane(t, Of(obj{"x": raw, "text": json.RawMessage(raw)}, limit), limit)
		if string(raw) != before {
			t.Error("the input was changed")
		}
	})
}

// FuzzSecrets plants an example of the table of secrets between arbitrary texts, puts that at some place
// of a response, and looks for it in the preview, whatever the limit.
func FuzzSecrets(f *testing.F) {
	var examples []secretstest.Example
	for _, r := range secretstest.Shapes {
		examples = append(examples, r.Match...)
	}
	var places []string
	for name := range positions {
		places = append(places, name)
	}
	for i := range examples {
		f.Add("before", "after", i, i, 20+i)
	}
	f.Add(strings.Repeat("é", 500), "", 0, 0, 512)
	f.Add(`{"password": "`, `"}`, 3, 1, 40)
	f.Add("Cookie: a=\"", "-----BEGIN PRIVATE KEY-----", 9, 2, 64)
	f.Add(strings.Repeat("\u0000<\\\"", 100), "\u2028", 40, 25, 300)
	f.Fuzz(func(t *testing.T, before, after string, example, place, limit int) {
		e := examples[uint(example)%uint(len(examples))]
		text := before + " " + e.Text + " " + after
		raw := positions[sorted(places)[uint(place)%uint(len(places))]](text)
		limit %= 4 * DefaultLimit
		for _, form := range forms(raw) {
			p := Of(form, limit)
			checkSane(t, p, limit)
			b := marshal(t, p)
			if part := survives(p, b, before+"\x00"+after, e); part != "" {
				t.Errorf("%q of %q survives in %s", part, e.Secret, b)
			}
		}
	})
}

// FuzzEdge plants a secret across the edge and looks for any beginning of it in what is shown.
func FuzzEdge(f *testing.F) {
	bodies := []string{"AIza" + "Sy", "ghp" + "_", "sk-proj-", "eyJhbGciOiJIUzI1NiJ9." + "eyJ", "xoxb-", "glpat-"}
	f.Add("before ", 0, 40, 10)
	f.Add(strings.Repeat("日", 100), 3, 19000, 200)
	f.Fuzz(func(t *testing.T, before string, body, length, limit int) {
		if strings.Contains(before, "0Edge") {
			return
		}
		start := bodies[uint(body)%uint(len(bodies))]
		text := before + " " + start + strings.Repeat("0Edge", 8+int(uint(length)%20000)) + " after"
		p := Of(obj{"text": text}, int(uint(limit)%2000))
		if strings.Contains(p.Text, start+"0") || strings.Contains(p.Text, "0Edge") || strings.HasSuffix(before+" "+start, p.Text) && len(p.Text) > len(before)+1 {
			t.Errorf("the beginning of a secret is shown: %q", p.Text)
		}
	})
}
