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

// Width is time: what took longer is wider, whatever ran inside; what ran side by side has lanes; what ran several
// times at once, and so longer than what it ran in, is as wide as that, and marked.
func TestWidthIsTime(t *testing.T) {
	var lines strings.Builder
	for _, e := range []struct {
		scope, parent string
		took          float64
	}{
		{"job.work", "job", 2}, {"job.work", "job", 2}, {"job.work", "job", 2}, {"job.work", "job", 2}, {"job", "", 2.1},
		{"parallel.left", "parallel", 3.9}, {"parallel.right", "parallel", 3.8}, {"parallel", "", 3.99},
	} {
		fmt.Fprintf(&lines, `{"time":"2026-03-14T09:00:02Z","level":"INFO","msg":"telemetry.timing","scope":%q,"depth":%d,"parent_scope":%q,`+
			`"metric_type":"timing","call_count":1,"duration_s":%g,"start_wall_time_s":1773478800,"end_wall_time_s":1773478802}`+"\n",
			e.scope, strings.Count(e.scope, "."), e.parent, e.took)
	}
	file := filepath.Join(t.TempDir(), "t.jsonl")
	require.NoError(t, os.WriteFile(file, []byte(lines.String()), 0o600))
	b := open(t, slogtelHTML(t, file))
	type frame struct{ Width, Top, Left float64 }
	frames := make(map[string]frame)
	for _, name := range []string{"job", "job.work", "parallel", "parallel.left", "parallel.right"} {
		frames[name] = get[frame](b, fmt.Sprintf(`(() => {
			const f = [...document.querySelectorAll('#flame-graph .frame')].find((f) => f.getAttribute('aria-label').startsWith('%s: '));
			return { Width: parseFloat(f.style.width), Top: parseFloat(f.style.top), Left: parseFloat(f.style.left) };
		})()`, name))
	}
	assert.InDelta(t, 2.1/3.99, frames["job"].Width/frames["parallel"].Width, 1e-3)
	assert.InDelta(t, 3.9/3.99, frames["parallel.left"].Width/frames["parallel"].Width, 1e-3)
	assert.InDelta(t, 3.8/3.99, frames["parallel.right"].Width/frames["parallel"].Width, 1e-3)
	assert.Equal(t, frames["parallel.left"].Left, frames["parallel.right"].Left)
	assert.Greater(t, frames["parallel.right"].Top, frames["parallel.left"].Top, "a lane each")
	assert.Equal(t, frames["job"].Width, frames["job.work"].Width)
	assert.Len(t, b.texts("#flame-graph .at-once"), 1)
}
