package page

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	_ "image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// luminance is how bright a picture is, from 0 to 1.
func luminance(t *testing.T, png []byte) float64 {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(png))
	require.NoError(t, err)
	size := img.Bounds()
	var sum float64
	for y := size.Min.Y; y < size.Max.Y; y += 4 {
		for x := size.Min.X; x < size.Max.X; x += 4 {
			sum += float64(color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y)
		}
	}
	return sum / 255 * 16 / float64(size.Dx()*size.Dy())
}

func TestLightAndDark(t *testing.T) {
	file, _ := serve(t, 2000)
	page := slogtelHTML(t, file)
	b := open(t, page, preferring("dark"))
	assert.Less(t, luminance(t, b.screenshot()), 0.35, "as the system prefers")
	b.do(preferring("light"))
	b.eventually("document.documentElement.dataset.theme === 'light'")
	assert.Greater(t, luminance(t, b.screenshot()), 0.75)
	b.do(chromedp.Focus(chromedp.CSS("#theme")))
	for _, theme := range []string{"dark", "light"} {
		key := map[string]string{"dark": kb.End, "light": kb.ArrowUp}[theme]
		b.press(key)
		b.eventually("document.documentElement.dataset.theme === '" + theme + "'")
		dark := luminance(t, b.screenshot()) < 0.35
		assert.Equal(t, theme == "dark", dark, "as chosen: %s", theme)
	}
}

// What is wider than a phone scrolls in itself; the page does not. Rows of tables are cards, whose lines say what they are.
func TestNarrow(t *testing.T) {
	file, _ := serve(t, 2000)
	other, _ := serve(t, 500)
	b := open(t, slogtelHTML(t, other, "--", file)+"#timeline?timeline.group=0", chromedp.EmulateViewport(380, 800))
	assert.LessOrEqual(t, get[int](b, "document.documentElement.scrollWidth"), 380)
	const row = "document.querySelector('#scopes-table tbody tr')"
	assert.LessOrEqual(t, get[int](b, "document.querySelector('#scopes-table .scroll').scrollWidth"), 380)
	assert.True(t, get[bool](b, row+".cells[1].getBoundingClientRect().top >= "+row+".cells[0].getBoundingClientRect().bottom"))
	assert.Equal(t, `"Calls"`, get[string](b, "getComputedStyle("+row+".cells[1], '::before').content.replace('attr(data-label)', JSON.stringify("+row+".cells[1].dataset.label))"))
}

const axeVersion = "4.14.1"

// axe returns the source of axe-core, which is installed once. A test that cannot have
// it is skipped.
func axe(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skipf("there is no place for axe-core: %v", err)
	}
	dir := filepath.Join(cache, "slogtel-interop", "axe-core-"+axeVersion)
	file := filepath.Join(dir, "node_modules", "axe-core", "axe.min.js")
	source, err := os.ReadFile(file)
	if err == nil {
		return string(source)
	}
	require.NoError(t, os.MkdirAll(dir, 0o755))
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "axe-core@"+axeVersion)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if errors.Is(err, exec.ErrNotFound) || errors.As(err, &exit) {
		t.Skipf("axe-core cannot be installed here: %v: %.300s", err, out)
	}
	source, err = os.ReadFile(file)
	require.NoError(t, err)
	return string(source)
}

func TestAccessible(t *testing.T) {
	source := axe(t)
	file, _ := serve(t, 2000)
	other, _ := serve(t, 500)
	page := slogtelHTML(t, other, "--", file)
	// One theme with a trace in the details, one with a span.
	for theme, hash := range map[string]string{"light": "#timeline?timeline.group=0", "dark": "#timeline?timeline.span=1&timeline.find=model"} {
		t.Run(theme, func(t *testing.T) {
			b := open(t, page+hash, preferring(theme))
			assert.NotEmpty(t, b.texts("#timeline-detail button"))
			assert.NotEmpty(t, b.texts("#compare-scopes tbody tr"))
			assert.Equal(t, theme, get[string](b, "document.documentElement.dataset.theme"))
			get[bool](b, "document.querySelectorAll('details').forEach((d) => { d.open = true; }), true")
			b.eventually("document.querySelectorAll('#latency-table tbody tr').length")
			accessible(t, b, source)
		})
	}
}

// accessible fails for each rule of axe that the page violates.
func accessible(t *testing.T, b *tab, source string) {
	t.Helper()
	get[bool](b, source+"; true")
	type node struct {
		HTML    string
		Summary string `json:"failureSummary"`
	}
	found := get[struct {
		Passes     []struct{ ID string }
		Violations []struct {
			ID, Help string
			Nodes    []node
		}
	}](b, "axe.run(document, { resultTypes: ['violations'] })")
	assert.Greater(t, len(found.Passes), 10, "rules")
	for _, v := range found.Violations {
		t.Errorf("%s: %s: %d times, %+v", v.ID, v.Help, len(v.Nodes), v.Nodes[0])
	}
}

// TestPicture makes the picture of the README, if asked to.
func TestPicture(t *testing.T) {
	if os.Getenv("SLOGTEL_PICTURE") == "" {
		t.Skip("the picture is made with SLOGTEL_PICTURE=1")
	}
	file, _ := serve(t, 40_000)
	b := open(t, slogtelHTML(t, file, "--title", "An hour of a made-up server"), preferring("light"), chromedp.EmulateViewport(1280, 1700))
	require.NoError(t, os.WriteFile(filepath.Join("..", "..", "testdata", "report.png"), b.screenshot(), 0o644))
}
