package page

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// run writes the timings of a few scopes to a file: took milliseconds, about, each.
func run(t *testing.T, name string, took map[string]float64) string {
	t.Helper()
	var lines strings.Builder
	for scope, ms := range took {
		for i := range 60 {
			quoted, err := json.Marshal(scope)
			require.NoError(t, err)
			failed := ""
			if scope == "fails" && i%2 == 0 {
				failed = fmt.Sprintf(`,"error":"status %d of 10.0.0.%d"`, 500+i, i)
			}
			fmt.Fprintf(&lines, `{"time":"2026-03-14T09:00:%02d.%03dZ","level":"INFO","msg":"telemetry.timing","scope":%s,"depth":0,"parent_scope":"","metric_type":"timing","call_count":1,"duration_s":%g,"trace_id":"%s%d","span_id":"%[6]d"%[7]s}`+"\n",
				i, int(ms)%1000, quoted, ms/1000*(1+0.01*float64(i%7)), name, i, failed)
		}
	}
	file := filepath.Join(t.TempDir(), name+".jsonl")
	require.NoError(t, os.WriteFile(file, []byte(lines.String()), 0o644))
	return file
}

// What the page says of two sides is what slogtel diff says; either side can be looked at.
func TestTwoSides(t *testing.T) {
	hostile := `<img src=x onerror=alert(1)>`
	a := run(t, "before", map[string]float64{"slow": 10, "same": 20, "gone": 5, hostile: 3})
	c := run(t, "after", map[string]float64{"slow": 30, "same": 20, "fails": 5, hostile: 3})
	b := open(t, slogtelHTML(t, a, "--", c))

	out, err := exec.Command(filepath.Join(built.dir, "slogtel"), "diff", "--json", a, c).Output()
	require.NoError(t, err)
	var want struct {
		Scopes []struct {
			Scope    string
			Verdicts []string
		}
	}
	require.NoError(t, json.Unmarshal(out, &want))
	const rows = "#compare-scopes tbody tr"
	names, verdicts := b.texts(rows+" > th"), b.texts(rows+" > td:nth-child(2)")
	require.Len(t, names, len(want.Scopes))
	for i, w := range want.Scopes {
		assert.Equal(t, w.Scope, names[i])
		assert.Equal(t, strings.Join(w.Verdicts, ""), strings.NewReplacer("▲ ", "", "▼ ", "").Replace(verdicts[i]), w.Scope)
	}
	assert.Equal(t, "slow", names[0])
	assert.Contains(t, verdicts[0], "▲ slower")
	assert.Contains(t, b.texts(rows + " > td:nth-child(3)")[0], "+200 %")
	assert.Contains(t, get[string](b, "document.getElementById('compare-text').textContent"), "one run a side")

	frames := b.texts("#flame-graph .frame")
	assert.Contains(t, frames, "slow ▲", "the flame graph of a side says what became worse")
	assert.Contains(t, frames, "same")
	assert.Contains(t, get[[]string](b, "[...document.querySelectorAll('#flame-graph .frame')].map((e) => e.title.split('; ').pop())"), "compared: slower, +200 %")

	// B is shown at first.
	assert.Contains(t, b.texts(scopeRows+" > th"), "fails")
	assert.Equal(t, []string{"30"}, b.texts("#errors-table tbody tr > td:first-child"), "one pattern")
	b.do(chromedp.Focus(chromedp.CSS("#side")))
	b.press(kb.ArrowUp)
	b.do(chromedp.WaitReady(chromedp.CSS(`html[data-ready][data-side="a"]`)))
	assert.Contains(t, b.texts(scopeRows+" > th"), "gone")
	assert.NotContains(t, b.texts(scopeRows+" > th"), "fails")
	assert.Equal(t, len(want.Scopes), len(b.texts(rows)))
	get[bool](b, "history.back(), true")
	b.do(chromedp.WaitReady(chromedp.CSS(`html[data-ready][data-side="b"]`)))
	assert.Contains(t, b.texts(scopeRows+" > th"), "fails")

	b.write("#compare-scopes input", "gone")
	assert.Equal(t, []string{"gone"}, b.texts(rows+" > th"))
}
