package page

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const scopeRows = "#scopes-table tbody tr"

func TestFiguresOfThePage(t *testing.T) {
	file, s := serve(t, 5000)
	b := open(t, slogtelHTML(t, file, "--title", "An hour of it"))

	assert.Equal(t, "An hour of it", get[string](b, "document.querySelector('h1').textContent"))
	shown := make(map[string]string)
	names := b.texts(scopeRows + " > th")
	for i, calls := range b.texts(scopeRows + " > td:nth-child(2)") {
		shown[names[i]] = strings.ReplaceAll(calls, ",", "")
	}
	want := make(map[string]string)
	for name, n := range s.calls {
		want[name] = strconv.FormatInt(n, 10)
	}
	assert.Equal(t, want, shown)

	var failed int64
	for _, n := range s.errors {
		failed += n
	}
	listed := 0
	for _, n := range b.texts("#errors-table tbody tr > td:first-child") {
		count, err := strconv.Atoi(strings.ReplaceAll(n, ",", ""))
		require.NoError(t, err)
		listed += count
	}
	assert.EqualValues(t, failed, listed)
	assert.Contains(t, get[string](b, "document.getElementById('counts').textContent"),
		fmt.Sprintf("%s read, %[1]s used, 0 skipped, 0 bad", thousands(s.events)))
	assert.Contains(t, b.texts("#metrics-table tbody th"), "server.in_flight")
}

func thousands(n int) string { return fmt.Sprintf("%d,%03d", n/1000, n%1000) }

func TestSort(t *testing.T) {
	file, s := serve(t, 2000)
	b := open(t, slogtelHTML(t, file))
	header := func(column int) string { return fmt.Sprintf("#scopes-table thead th:nth-child(%d)", column) }
	sorted := func(column int) string {
		return get[string](b, fmt.Sprintf("document.querySelector(%q).getAttribute('aria-sort') ?? ''", header(column)))
	}
	names := slices.Sorted(maps.Keys(s.calls))
	assert.Equal(t, "descending", sorted(4), "by total time at first")
	assert.NotEqual(t, names, b.texts(scopeRows+" > th"))

	b.click(header(1) + " button")
	assert.Equal(t, names, b.texts(scopeRows+" > th"))
	assert.Equal(t, "ascending", sorted(1))
	assert.Empty(t, sorted(4))

	b.press(kb.Enter) // the button has the focus still
	slices.Reverse(names)
	assert.Equal(t, names, b.texts(scopeRows+" > th"))
	assert.Equal(t, "descending", sorted(1))

	b.click(header(2) + " button")
	calls := b.texts(scopeRows + " > td:nth-child(2)")
	assert.True(t, slices.IsSortedFunc(calls, func(x, y string) int {
		a, _ := strconv.Atoi(strings.ReplaceAll(x, ",", ""))
		b, _ := strconv.Atoi(strings.ReplaceAll(y, ",", ""))
		return b - a
	}), "%v", calls)
}

func TestSearch(t *testing.T) {
	file, s := serve(t, 2000)
	b := open(t, slogtelHTML(t, file))
	b.write("#scopes-table input", "MODEL call")
	var want []string
	for name := range s.calls {
		if strings.Contains(name, "model") && strings.Contains(name, "call") {
			want = append(want, name)
		}
	}
	assert.ElementsMatch(t, want, b.texts(scopeRows+" > th"))
	assert.Equal(t, fmt.Sprintf("%d of %d", len(want), len(s.calls)), get[string](b, "document.querySelector('#scopes-table [role=status]').textContent"))
	b.write("#scopes-table input", "no such scope")
	assert.Empty(t, b.texts(scopeRows))
}
