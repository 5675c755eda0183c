package page

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTimeline(t *testing.T) {
	file, _ := serve(t, 2000)
	b := open(t, slogtelHTML(t, file))
	b.do(chromedp.ScrollIntoView(chromedp.CSS("#timeline-view")))
	picture := func() string { return get[string](b, "document.querySelector('#timeline-view canvas').toDataURL()") }
	differs := func(before string) string {
		b.eventually(fmt.Sprintf("document.querySelector('#timeline-view canvas').toDataURL() !== %q", before))
		return picture()
	}
	whole := picture()
	b.click("#timeline-in")
	zoomed := differs(whole)
	b.do(chromedp.Focus(chromedp.CSS("#timeline-view")))
	b.press(kb.ArrowRight)
	differs(zoomed)
	b.press("0")
	b.eventually(fmt.Sprintf("document.querySelector('#timeline-view canvas').toDataURL() === %q", whole))
	detail := func() string { return get[string](b, "document.getElementById('timeline-detail').textContent") }
	b.press("n")
	first := detail()
	assert.Contains(t, first, "took")
	assert.Contains(t, first, "telemetry.jsonl:")
	b.press("n")
	assert.NotEqual(t, first, detail())
	b.press("p")
	assert.Equal(t, first, detail())
	b.press(kb.Escape)
	assert.Contains(t, detail(), "Nothing is selected")

	b.press("0")
	b.click("#timeline-in")
	zoomed = differs(whole)
	b.do(chromedp.ScrollIntoView(chromedp.CSS("#timeline-hint")))
	place := get[[]float64](b, "(({ x, y }) => [x, y])(document.getElementById('timeline-view').getBoundingClientRect())")
	x, y := place[0], place[1]
	b.do(chromedp.DragAndDropXY(x+400, y+60, x+200, y+60))
	differs(zoomed)
	assert.Contains(t, detail(), "Nothing is selected", "a drag is no click")

	b.click("#timeline details summary")
	b.eventually("document.querySelectorAll('#timeline-table tbody tr').length === 20")
	b.click("#timeline-table tbody tr:nth-child(3) button")
	assert.Contains(t, detail(), b.texts("#timeline-table tbody tr:nth-child(3) th")[0])
	b.click("#timeline-table .more")
	assert.Len(t, b.texts("#timeline-table tbody tr"), 200)

	b.write("#timeline-search", "store")
	b.eventually("/^\\d+ of /.test(document.getElementById('timeline-found').textContent)")
}

// A trace that is too small for its spans is one bar; zoomed in, a span is one. A click on either says what it is.
func TestTimelineByClick(t *testing.T) {
	var lines strings.Builder
	line := func(at float64, scope, parent string, took float64, trace, id, up, rest string) {
		fmt.Fprintf(&lines, `{"time":%q,"level":"INFO","msg":"telemetry.timing","scope":%q,"depth":%d,"parent_scope":%q,"metric_type":"timing","call_count":1,"duration_s":%g,"trace_id":%q,"span_id":%q,"parent_span_id":%q%s}`+"\n",
			start.Add(time.Duration((at+took)*1e9)).Format(time.RFC3339Nano), scope, strings.Count(scope, "."), parent, took, trace, id, up, rest)
	}
	for i, at := range []float64{0, 2, 4, 6, 8, 6.01} {
		trace := fmt.Sprint("trace", i)
		line(at+0.025, "job.step", "job", 0.05, trace, "2", "1", fmt.Sprintf(`,"error":"boom %d","color":"<b>red</b>"`, i))
		line(at, "job", "", 0.1, trace, "1", "", "")
	}
	file := filepath.Join(t.TempDir(), "t.jsonl")
	require.NoError(t, os.WriteFile(file, []byte(lines.String()), 0o600))
	b := open(t, slogtelHTML(t, file))
	get[bool](b, "document.getElementById('timeline').scrollIntoView({ behavior: 'instant' }), true")
	b.eventually("document.querySelector('#timeline-view canvas').height > 0")
	place := get[[]float64](b, "(({ x, y, width }) => [x, y, width])(document.querySelector('#timeline-view canvas').getBoundingClientRect())")
	const ruler, row = 26, 19
	click := func(share, lane float64, count int) {
		b.do(chromedp.MouseClickXY(place[0]+share*place[2], place[1]+ruler+(lane+0.6)*row, chromedp.ClickCount(count)))
	}
	detail := func() string { return get[string](b, "document.getElementById('timeline-detail').textContent") }
	const whole = 8.1 * 1.01
	click(6.05/whole, 0, 1)
	assert.Contains(t, detail(), "trace trace3")
	assert.Contains(t, detail(), "✕ boom 3")
	click(6.06/whole, 1, 1)
	assert.Contains(t, detail(), "trace trace5", "what is at the same time stands below")
	click(5.5/whole, 0, 1)
	assert.Contains(t, detail(), "Nothing is selected")
	click(4.05/whole, 0, 1)
	click(4.05/whole, 0, 2)
	assert.Contains(t, detail(), "trace trace2")

	b.eventually("location.hash.includes('timeline.from')")
	view := get[[]float64](b, "(q => [Number(q.get('timeline.from')) / 1e6, Number(q.get('timeline.to')) / 1e6])(new URLSearchParams(location.hash.split('?')[1]))")
	at := func(seconds float64) float64 { return (seconds - view[0]) / (view[1] - view[0]) }
	assert.Greater(t, at(4.1)-at(4), 0.4, "the trace is what one sees")
	click(at(4.05), 1, 1)
	for _, want := range []string{"job.step", "took50 ms", "errorboom 2", "color<b>red</b>", "tracetrace2", "t.jsonl:5", "2026-03-14 "} {
		assert.Contains(t, detail(), want)
	}
	click(at(4.05), 0, 1)
	assert.Contains(t, detail(), "took100 ms")
	click(at(4.01), 1, 1)
	assert.Contains(t, detail(), "trace trace2", "the frame around them")
	get[bool](b, "history.back(), true")
	b.eventually("document.getElementById('timeline-detail').textContent.includes('took100 ms')")
}

func TestLatency(t *testing.T) {
	file, _ := serve(t, 2000)
	b := open(t, slogtelHTML(t, file))
	detail := func() string { return get[string](b, "document.getElementById('latency-detail').textContent") }
	assert.Contains(t, detail(), "All of the time: ")
	b.do(chromedp.ScrollIntoView(chromedp.CSS("#latency-chart")), chromedp.Focus(chromedp.CSS("#latency-chart")))
	b.press(kb.End)
	last := detail()
	assert.Regexp(t, `^2026-03-14 .* calls?, .*p50 .*|no calls`, last)
	b.press(kb.ArrowLeft)
	assert.NotEqual(t, last, detail())

	// With the mouse: it reads out where it is, a drag zooms in, a double click out.
	b.do(chromedp.ScrollIntoView(chromedp.CSS("#latency-calls")))
	place := get[[]float64](b, "(({ x, y, width }) => [x, y, width])(document.querySelector('#latency-chart .u-over').getBoundingClientRect())")
	x, y, width := place[0], place[1]+20, place[2]
	picture := func() string { return get[string](b, "document.querySelector('#latency-chart canvas').toDataURL()") }
	whole := picture()
	b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x+width/2, y), chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x+width/2+5, y))
	middle := detail()
	assert.Regexp(t, `^2026-03-14 `, middle)
	b.do(chromedp.DragAndDropXY(x+width/4, y, x+width*3/4, y))
	b.eventually(fmt.Sprintf("document.querySelector('#latency-chart canvas').toDataURL() !== %q", whole))
	b.eventually("location.hash.includes('latency.from=')")
	zoomed := picture()
	get[bool](b, "history.back(), true")
	b.eventually(fmt.Sprintf("document.querySelector('#latency-chart canvas').toDataURL() === %q", whole))
	get[bool](b, "history.forward(), true")
	b.eventually(fmt.Sprintf("document.querySelector('#latency-chart canvas').toDataURL() === %q", zoomed))
	b.do(chromedp.MouseClickXY(x+width/2, y, chromedp.ClickCount(1)), chromedp.MouseClickXY(x+width/2, y, chromedp.ClickCount(2)))
	b.eventually(fmt.Sprintf("document.querySelector('#latency-chart canvas').toDataURL() === %q", whole))

	b.click("#latency-text summary")
	b.eventually("document.querySelectorAll('#latency-table tbody tr').length > 20")
	scope := func() string {
		return get[string](b, "document.getElementById('latency-scope').selectedOptions[0].textContent")
	}
	before := scope()
	b.click(scopeRows + ":nth-child(5) th button")
	assert.NotEqual(t, before, scope())
	assert.Equal(t, b.texts(scopeRows + ":nth-child(5) th")[0], scope())
	assert.Contains(t, b.texts("#latency-table caption")[0], scope())

	b.click("#metrics-table tbody tr:last-child button")
	b.eventually("document.querySelector('#metrics-table tbody tr:last-child button').getAttribute('aria-pressed') === 'true'")
	assert.Contains(t, b.texts("#metrics-chart-h")[0], b.texts("#metrics-table tbody tr:last-child th")[0])
	assert.Equal(t, []string{"true"}, get[[]string](b, "[...document.querySelectorAll('#metrics-table .link')].map((e) => e.getAttribute('aria-pressed')).filter((p) => p === 'true')"))
}
