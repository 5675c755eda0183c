package page

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// looked is all that the address restores, as the page shows it.
const looked = `JSON.stringify({
	flame: document.querySelector('#flame-graph [aria-selected=true]').getAttribute('aria-label'),
	flameFind: document.getElementById('flame-search').value,
	details: document.getElementById('timeline-detail').textContent,
	canvas: document.querySelector('#timeline-view canvas').toDataURL().length,
	latency: document.getElementById('latency-scope').value,
	scopes: [...document.querySelectorAll('#scopes-table tbody th')].map((e) => e.textContent),
	sort: [...document.querySelectorAll('[aria-sort]')].map((e) => e.textContent + e.getAttribute('aria-sort')),
	metric: document.getElementById('metrics-chart-h').textContent,
	find: document.querySelector('#errors-table input').value,
})`

// look returns what is shown once what was pressed has been drawn.
func look(b *tab) string {
	b.t.Helper()
	return get[string](b, "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done("+looked+"))))")
}

// An address that was copied shows the same on a page that is opened with it.
func TestAddress(t *testing.T) {
	file, _ := serve(t, 2000)
	page := slogtelHTML(t, file)
	b := open(t, page)
	b.click("#flame-graph .frame[aria-level='3']")
	b.write("#flame-search", "model")
	b.click("#timeline-in")
	b.do(chromedp.Focus(chromedp.CSS("#timeline-view")))
	b.press("nnn")
	b.click(scopeRows + ":nth-child(4) th button")
	b.click("#scopes-table thead th:nth-child(2) button")
	b.click("#metrics-table tbody tr:last-child button")
	b.write("#scopes-table input", "server.s")
	b.write("#errors-table input", "deadline")
	b.eventually("location.hash.includes('errors.find=deadline')")
	b.eventually("location.hash.includes('timeline.span=2')")
	hash, want := get[string](b, "location.hash"), look(b)
	assert.True(t, strings.HasPrefix(hash, "#errors?"), hash)
	assert.Contains(t, want, "took")

	other := open(t, page+hash)
	other.eventually(fmt.Sprintf("%s === %q", looked, want))
	assert.Equal(t, hash, get[string](other, "location.hash"), "it stays what it was")
	assert.True(t, get[bool](other, "Math.abs(document.getElementById('errors').getBoundingClientRect().bottom - innerHeight) < innerHeight"), "it is in view")
}

// The back button undoes one step at a time, and forward does it again.
func TestBack(t *testing.T) {
	file, _ := serve(t, 2000)
	b := open(t, slogtelHTML(t, file))
	start := look(b)
	var seen []string
	b.click("#flame-graph .frame[aria-level='3']")
	seen = append(seen, look(b))
	b.click("#scopes-table thead th:nth-child(1) button")
	seen = append(seen, look(b))
	b.do(chromedp.Focus(chromedp.CSS("#timeline-view")))
	b.press("n")
	b.eventually("location.hash.includes('timeline.span=0')")
	seen = append(seen, look(b))
	b.write("#scopes-table input", "model")
	b.eventually("location.hash.includes('scopes.find=model')")

	for _, want := range []string{seen[2], seen[1], seen[0], start} {
		get[bool](b, "history.back(), true")
		b.eventually(fmt.Sprintf("%s === %q", looked, want))
	}
	assert.Empty(t, get[string](b, "location.hash"))
	for _, want := range seen {
		get[bool](b, "history.forward(), true")
		b.eventually(fmt.Sprintf("%s === %q", looked, want))
	}
	b.click(`nav a[href="#metrics"]`)
	b.eventually("location.hash.startsWith('#metrics?')")
	assert.Contains(t, get[string](b, "location.hash"), "timeline.span=0", "a link within the page keeps what one looks at")
}

// An address is no more to be trusted than the events.
func TestHostileAddress(t *testing.T) {
	file, _ := serve(t, 2000)
	page := slogtelHTML(t, file)
	whole := look(open(t, page))
	for _, hash := range []string{
		"#<img src=x onerror=alert(1)>", "#timeline?timeline.span=99999999&timeline.from=NaN&timeline.to=-1e999&timeline.top=x", "#__proto__?__proto__.x=1&constructor=2",
		"#timeline?timeline.from=5&timeline.to=1", "#flame?flame.scope=~999999&latency.scope=__proto__", "#main?scopes.sort=-constructor&errors.sort=no&metrics-chart.of=toString",
		"#timeline?timeline.trace=%00%ff%&timeline.group=1e99", "#?&&==", "#timeline?timeline.span=", "#data",
	} {
		b := open(t, page+hash)
		b.eventually(fmt.Sprintf("%s === %q", looked, whole))
		assert.Empty(t, b.texts("img"))
	}
	b := open(t, page+"#scopes?scopes.find=%3Cimg+src%3Dx%3E&timeline.span=1.5")
	assert.Equal(t, "<img src=x>", get[string](b, "document.querySelector('#scopes-table input').value"))
	assert.Empty(t, b.texts(scopeRows))
	assert.Contains(t, get[string](b, "document.getElementById('timeline-detail').textContent"), "took")
}

// Whoever has no mouse finds a trace, its spans, and what they say, and back.
func TestDetailsByKeys(t *testing.T) {
	file, _ := serve(t, 2000)
	b := open(t, slogtelHTML(t, file))
	text := func(id string) string { return get[string](b, "document.getElementById('"+id+"').textContent") }
	focused := func() string {
		return get[string](b, "document.activeElement.id || document.activeElement.textContent")
	}
	b.do(chromedp.Focus(chromedp.CSS("#timeline-view")))
	b.press("N")
	assert.Contains(t, text("timeline-detail"), "trace ")
	assert.Regexp(t, `^server\.\w+, .*\d spans.*, trace \w{32}$`, text("timeline-said"), "a screen reader is told")
	b.eventually("location.hash.includes('timeline.trace=')")
	trace := get[string](b, "new URLSearchParams(location.hash.split('?')[1]).get('timeline.trace')")
	assert.Contains(t, text("timeline-detail"), trace)
	b.press(kb.Enter)
	assert.Equal(t, "timeline-detail", focused())
	b.press(kb.Tab) // the list scrolls or has its first button
	for range 3 {
		if strings.HasPrefix(focused(), "server.") {
			break
		}
		b.press(kb.Tab)
	}
	name := focused()
	require.True(t, strings.HasPrefix(name, "server."), name)
	b.press(kb.Enter)
	assert.Contains(t, text("timeline-detail"), "began at")
	assert.Contains(t, text("timeline-detail"), trace)
	assert.True(t, strings.HasPrefix(text("timeline-said"), name+", "))
	b.press(kb.Escape)
	assert.Equal(t, "timeline-view", focused(), "from wherever the focus went")
	b.press("P")
	assert.Contains(t, text("timeline-detail"), trace)

	// From an error to its trace.
	b.click("#errors-table tbody tr button.link[title*=timeline]")
	b.eventually("location.hash.startsWith('#timeline?')")
	assert.Contains(t, text("timeline-detail"), b.texts("#errors-table tbody tr button.link[title*=timeline]")[0])
	assert.Contains(t, text("timeline-detail"), "✕")
}
