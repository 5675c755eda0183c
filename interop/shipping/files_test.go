package shipping

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/grafana/alloy/syntax/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// TestFilesParse reads every file of examples/shipping as what it is. Those that the other
// tests hand to a real program are only looked at for their name.
func TestFilesParse(t *testing.T) {
	seen := 0
	require.NoError(t, filepath.WalkDir(examples, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		seen++
		switch filepath.Ext(path) {
		case ".json":
			var v map[string]any
			assert.NoError(t, json.Unmarshal(data, &v), path)
		case ".yaml", ".yml":
			var v map[string]any
			assert.NoError(t, yaml.Unmarshal(data, &v), path)
			assert.NotEmpty(t, v, path)
		case ".alloy":
			_, err := parser.ParseFile(path, data)
			assert.NoError(t, err, path)
		case ".conf", ".md":
		default:
			t.Errorf("nothing checks %s", path)
		}
		assert.Regexp(t, `(?i)run here`, string(data), "%s does not say whether it was run", path)
		return nil
	}))
	assert.GreaterOrEqual(t, seen, 10)
}

var interval = regexp.MustCompile(`\[(\$__auto|\$__range|5m)\]`)

// normal is a query without what may differ between the page and a dashboard.
func normal(query string) string {
	query = strings.Join(strings.Fields(interval.ReplaceAllString(query, "[T]")), "")
	return query
}

// dashboardQueries returns the queries of the dashboard's panels.
func dashboardQueries(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(examples, "grafana-dashboard.json"))
	require.NoError(t, err)
	var d struct {
		Panels []struct {
			ID      int
			Title   string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr string }
		}
	}
	require.NoError(t, json.Unmarshal(data, &d))
	ids := make(map[int]bool)
	var queries []string
	for _, p := range d.Panels {
		assert.False(t, ids[p.ID], "two panels have the number %d", p.ID)
		ids[p.ID] = true
		assert.NotEmpty(t, p.Title)
		assert.LessOrEqual(t, p.GridPos.X+p.GridPos.W, 24, p.Title)
		require.NotEmpty(t, p.Targets, p.Title)
		for _, target := range p.Targets {
			queries = append(queries, target.Expr)
		}
	}
	return queries
}

// TestDashboardAsksDocumentedQueries holds the dashboard to the page of queries, which is
// what the stores were asked.
func TestDashboardAsksDocumentedQueries(t *testing.T) {
	known := make(map[string]bool)
	for _, heading := range []string{askP95, askErrors, askSlowest, askCounter, "Finding"} {
		for _, query := range documented(t, heading, "logql") {
			known[normal(query)] = true
		}
	}
	queries := dashboardQueries(t)
	assert.GreaterOrEqual(t, len(queries), 5)
	for _, query := range queries {
		assert.True(t, known[normal(query)], "%s is not in queries.md", query)
	}
}
