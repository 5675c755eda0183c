package page

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hostile are strings that would run a script, break out of where they are, or turn
// what is around them, where they are not taken for text.
var hostile = []string{
	`</script><script>window.pwned=1;alert(1)</script>`,
	`<img src=x onerror="window.pwned=1;alert(2)">`,
	`"><svg onload=alert(3)>`,
	`'-alert(4)-'`, `${alert(5)}`, `{{.Data}}`, `javascript:alert(6)`,
	`<!--<script>`, `]]>`, `--></style><link rel=stylesheet href=http://127.0.0.1:9/x>`,
	`__proto__`, `constructor`, `hasOwnProperty`, `toString`,
	"control \x00\x07\x1b[31m\x7f\u0085", "bidi \u202e\u2066\u200fgnp.exe", "line\u2028paragraph\u2029end",
	`lone \ud800 surrogate`, "bad \xff\xfe utf-8", strings.Repeat("long.", 400), " ", "\u0301\u0301\u0301", "日本.語",
}

// hostileFile has telemetry in which each string stands wherever there is one.
func hostileFile(t *testing.T) (file string, lines int) {
	t.Helper()
	var b strings.Builder
	for i, s := range hostile {
		quoted, err := json.Marshal(s)
		require.NoError(t, err)
		q := strings.ReplaceAll(string(quoted), `\\ud800`, `\ud800`)
		at := fmt.Sprintf("2026-03-14T09:00:%02d.5Z", i)
		fmt.Fprintf(&b, `{"time":"%s","level":"INFO","msg":"telemetry.timing","scope":%s,"depth":0,"parent_scope":"","metric_type":"timing","call_count":1,"duration_s":0.25,"trace_id":%[2]s,"span_id":"1","parent_span_id":"","error":%[2]s,"key":%[2]s,%[2]s:"value"}`+"\n", at, q)
		fmt.Fprintf(&b, `{"time":"%s","level":"INFO","msg":"telemetry.timing","scope":"child","depth":1,"parent_scope":%s,"metric_type":"timing","call_count":1,"duration_s":0.125}`+"\n", at, q)
		fmt.Fprintf(&b, `{"time":"%s","level":"INFO","msg":"telemetry.metric","scope":%s,"depth":1,"parent_scope":%[2]s,"metric_type":"gauge","value":1}`+"\n", at, q)
		fmt.Fprintf(&b, `{"time":"%s","level":"INFO","msg":"telemetry.metric","scope":"plain","depth":1,"parent_scope":%s,"value":%[2]s}`+"\n", at, q)
		lines += 4
	}
	file = filepath.Join(t.TempDir(), `<img src=x onerror=alert(7)>.jsonl`)
	require.NoError(t, os.WriteFile(file, []byte(b.String()), 0o644))
	return file, lines
}

// Nothing in the events gets to be anything but text.
func TestHostileStrings(t *testing.T) {
	file, lines := hostileFile(t)
	b := open(t, slogtelHTML(t, file, "--title", `</title><script>alert(8)</script>`))
	assert.Contains(t, get[string](b, "document.getElementById('counts').textContent"), fmt.Sprintf("%d read, %[1]d used", lines))
	// Whatever is on the page is looked at, pressed and searched for.
	get[bool](b, "document.querySelectorAll('details').forEach((d) => { d.open = true; }), true")
	get[bool](b, "document.querySelectorAll('button:enabled, .frame').forEach((e) => e.isConnected && e.click()), true")
	b.write("#scopes-table input", "<img")
	assert.Len(t, b.texts(scopeRows), 1)
	b.write("#scopes-table input", "")
	b.write("#timeline-search", "proto")
	b.write("#flame-search", "<")
	b.do(chromedp.Focus(chromedp.CSS("#timeline-view")))
	for range len(hostile) {
		b.press("n")
	}
	b.eventually("document.getElementById('timeline-found').textContent !== ''")

	assert.Equal(t, "undefined", get[string](b, "typeof window.pwned"))
	assert.Empty(t, b.texts("img, iframe, object, embed, link, svg [onload], [onerror], [href^=javascript]"))
	shown := strings.Join(b.texts(scopeRows+" > th"), "\n")
	for _, want := range []string{hostile[0], hostile[1], "__proto__", "日本.語", `\u202e`, `\x1b[31m`} {
		assert.Contains(t, shown, want)
	}
	assert.NotContains(t, get[string](b, "document.body.innerText"), "\u202e")
	assert.False(t, get[bool](b, `/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/.test(document.body.textContent)`))
}

// The page's policy would stop what the page does not do.
func TestPolicy(t *testing.T) {
	file, _ := serve(t, 100)
	b := open(t, slogtelHTML(t, file))
	tried := get[[]string](b, `(async () => {
		const tried = [];
		const note = (name, f) => { try { f(); tried.push(name); } catch { /* stopped */ } };
		await fetch("http://127.0.0.1:9/").then(() => tried.push("fetch"), () => {});
		await fetch("data:text/plain,x").then(() => tried.push("fetch data"), () => {});
		note("innerHTML", () => { document.body.innerHTML = "<p>"; });
		note("script", () => { const s = document.createElement("script"); s.textContent = "window.pwned = 1"; document.body.append(s); });
		note("handler", () => { document.body.setAttribute("onclick", "window.pwned = 1"); });
		const style = document.createElement("style");
		style.textContent = "body { display: none }";
		document.head.append(style);
		if (getComputedStyle(document.body).display === "none") tried.push("style");
		if (window.pwned) tried.push("ran");
		return tried;
	})()`)
	assert.Empty(t, tried)
	assert.NotEmpty(t, b.expect(), "the browser says what it stopped")
	assert.Empty(t, b.texts("#data script"))
}

// Many events make a page that is small and quick.
func TestManyEvents(t *testing.T) {
	n := 200_000
	if testing.Short() {
		n = 20_000
	}
	file, s := serve(t, n)
	page := slogtelHTML(t, file)
	info, err := os.Stat(page)
	require.NoError(t, err)
	assert.Less(t, info.Size(), int64(1_500_000))
	b := open(t, page)
	ready := get[float64](b, "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
	t.Logf("%d events: a page of %.2f MB, which is drawn after %.0f ms", s.events, float64(info.Size())/1e6, ready)
	assert.Contains(t, get[string](b, "document.getElementById('notices').textContent"), "The timeline shows")
	assert.Less(t, get[int](b, "document.querySelectorAll('*').length"), 20_000)
}

// As much as there may be, and deep: the page opens all the same.
func TestFullPage(t *testing.T) {
	var b strings.Builder
	path, parent := "", ""
	for i := range 3000 {
		scope := fmt.Sprintf("scope_%d.%s", i, strings.Repeat("x", 200))
		up := ""
		if i < 300 { // a chain
			parent, path = path, fmt.Sprint(path, ".", i)
			scope, up = path[1:], strings.TrimPrefix(parent, ".")
		}
		at := fmt.Sprintf("2026-03-14T09:%02d:%02d.%03dZ", i/60%60, i%60, i%1000)
		fmt.Fprintf(&b, `{"time":"%s","level":"INFO","msg":"telemetry.timing","scope":"%s","depth":0,"parent_scope":"%s","metric_type":"timing","call_count":1,"duration_s":%d.5,"trace_id":"%d","span_id":"1","parent_span_id":"","error":"%d %s","key":"%[6]d%[7]s"}`+"\n",
			at, scope, up, i%90, i, i, strings.Repeat("<", 400))
		fmt.Fprintf(&b, `{"time":"%s","level":"INFO","msg":"telemetry.metric","scope":"%s.m","depth":1,"parent_scope":"%[2]s","metric_type":"histogram","value":%d}`+"\n", at, scope, i)
	}
	file := filepath.Join(t.TempDir(), "full.jsonl")
	require.NoError(t, os.WriteFile(file, []byte(b.String()), 0o644))
	page := slogtelHTML(t, file)
	info, err := os.Stat(page)
	require.NoError(t, err)
	assert.Less(t, info.Size(), int64(5_000_000))
	tab := open(t, page)
	t.Logf("%.2f MB, drawn after %.0f ms", float64(info.Size())/1e6, get[float64](tab, "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"))
	assert.Contains(t, get[string](tab, "document.getElementById('notices').textContent"), "levels deep")
	tab.click("#flame-text summary")
	tab.eventually("document.querySelectorAll('#flame-text li').length > 100")
	tab.click("#scopes-table .more")
	assert.Greater(t, len(tab.texts(scopeRows)), 1000)
}
