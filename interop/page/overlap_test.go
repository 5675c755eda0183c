package page

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What ran side by side takes longer together than what it ran in, of which nothing is
// then said to have been its own time: not 0 either.
func TestSideBySide(t *testing.T) {
	var lines strings.Builder
	for _, e := range []struct {
		scope, parent string
		took          float64
	}{{"a.part", "a", 1}, {"a.part", "a", 1}, {"a", "", 1.5}, {"b.part", "b", 1}, {"b", "", 1.5}} {
		fmt.Fprintf(&lines, `{"time":"2026-03-14T09:00:02Z","level":"INFO","msg":"telemetry.timing","scope":%q,"depth":%d,"parent_scope":%q,`+
			`"metric_type":"timing","call_count":1,"duration_s":%g,"start_wall_time_s":1773478800,"end_wall_time_s":1773478802}`+"\n",
			e.scope, strings.Count(e.scope, "."), e.parent, e.took)
	}
	file := filepath.Join(t.TempDir(), "t.jsonl")
	require.NoError(t, os.WriteFile(file, []byte(lines.String()), 0o600))
	b := open(t, slogtelHTML(t, file))

	self := make(map[string]string)
	values := b.texts(scopeRows + " > td:nth-child(5)")
	for i, name := range b.texts(scopeRows + " > th") {
		self[name] = values[i]
	}
	assert.Equal(t, map[string]string{"a": "*", "a.part": "2 s", "b": "500 ms", "b.part": "1 s"}, self)
	assert.Contains(t, b.texts("#scopes-table caption")[0], "* where")
	labels := strings.Join(b.texts("#flame-graph [role=treeitem]"), "\n")
	assert.Contains(t, labels, "part")
	frames := get[[]string](b, "[...document.querySelectorAll('#flame-graph [role=treeitem]')].map((e) => e.getAttribute('aria-label'))")
	assert.Contains(t, strings.Join(frames, "\n"), "a: 1.5 s in total; how much of its own is not known")
	assert.Contains(t, strings.Join(frames, "\n"), "b: 1.5 s in total; 500 ms of its own")
}
