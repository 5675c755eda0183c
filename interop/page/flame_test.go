package page

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
)

func TestFlameGraphByKeys(t *testing.T) {
	file, _ := serve(t, 2000)
	b := open(t, slogtelHTML(t, file))
	focused := func() string { return get[string](b, "document.activeElement.getAttribute('aria-label') ?? ''") }
	level := func() string { return get[string](b, "document.activeElement.getAttribute('aria-level') ?? ''") }

	b.do(chromedp.Focus(chromedp.CSS("#flame-search")))
	b.press(kb.Tab)
	assert.Contains(t, focused(), "all scopes: ")
	b.press(kb.ArrowDown)
	assert.Contains(t, focused(), "server.summarize: ")
	assert.Contains(t, focused(), "p95")
	assert.Equal(t, "2", level())
	b.press(kb.ArrowRight)
	assert.NotContains(t, focused(), "server.summarize: ")
	assert.Equal(t, "2", level())
	b.press(kb.ArrowLeft)
	b.press(kb.ArrowDown)
	assert.Contains(t, focused(), "server.summarize.model: ")
	assert.Equal(t, focused(), get[string](b, "document.getElementById('flame-detail').textContent"), "told to those who see too")

	b.press(kb.Enter)
	assert.Contains(t, focused(), "server.summarize.model: ", "zoomed in, the focus stays")
	assert.Equal(t, "100%", get[string](b, "document.activeElement.style.width"))
	assert.NotContains(t, strings.Join(b.texts("#flame-graph .frame"), " "), "upload")
	b.press(kb.Escape)
	assert.Contains(t, focused(), "all scopes: ")
	assert.Contains(t, strings.Join(b.texts("#flame-graph .frame"), " "), "upload")

	b.write("#flame-search", "model")
	assert.NotEmpty(t, b.texts("#flame-graph .hit"))
	assert.Less(t, len(b.texts("#flame-graph .hit")), len(b.texts("#flame-graph .frame")))

	b.click("#flame-text summary")
	b.eventually("document.querySelectorAll('#flame-text li').length > 10")
}

func TestFlameGraphByClick(t *testing.T) {
	file, _ := serve(t, 2000)
	b := open(t, slogtelHTML(t, file))
	assert.True(t, get[bool](b, "document.getElementById('flame-reset').disabled"))
	b.click("#flame-graph .frame[aria-level='3']")
	assert.Equal(t, "100%", get[string](b, "document.querySelector('.frame[aria-level=\"3\"]').style.width"))
	b.click("#flame-reset")
	assert.NotEqual(t, "100%", get[string](b, "document.querySelector('.frame[aria-level=\"3\"]').style.width"))
}
