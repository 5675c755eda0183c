package page

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/live"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/runtimetel"
)

// A liveApp is what the page is of.
type liveApp struct {
	tel *slogtel.Telemetry
	log *slog.Logger
	h   *live.Handler
	url string
}

const liveHostile = `<img src=x onerror=alert(1)>"'</script><script>alert(2)</script>`

// liveServer serves the page of an app that has done some work, below a path as an app would.
func liveServer(t *testing.T) *liveApp {
	t.Helper()
	chromium(t)
	h := live.New(&live.Options{Title: "shop", Interval: 100 * time.Millisecond, Stats: map[string]any{"queue": func() any { return map[string]int{"Full": 3} }}})
	a := &liveApp{tel: slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: func(context.Context, error) {}}, h), log: slog.New(h), h: h}
	s := httptest.NewServer(h)
	t.Cleanup(func() {
		require.NoError(t, h.Shutdown(context.Background()))
		s.Close()
	})
	a.url = strings.Replace(s.URL, "127.0.0.1", "localhost", 1) + "/debug/telemetry/"
	ctx, stop := context.WithCancel(context.Background())
	stop()
	runtimetel.Run(ctx, a.tel, nil) // ends at once
	one, end := context.WithTimeout(context.Background(), 10*time.Millisecond)
	runtimetel.Run(one, a.tel, nil)
	end()
	for i := range 30 {
		a.order(i, i%10 == 9)
	}
	return a
}

// order is a request: it takes i milliseconds, some of which are those of its payment.
func (a *liveApp) order(i int, fails bool) {
	ctx, span := a.tel.Start(context.Background(), "order", slog.Int("i", i), slog.String("customer", "ann"))
	defer span.End()
	in, pay := a.tel.Start(ctx, "pay")
	defer pay.End()
	time.Sleep(time.Duration(i/2) * time.Millisecond)
	_ = a.tel.Time(in, "bank", func(ctx context.Context) error {
		time.Sleep(time.Duration(i/2) * time.Millisecond)
		a.log.WarnContext(ctx, "the bank is slow", "name", liveHostile)
		return nil
	})
	a.tel.Count(ctx, "articles", 2)
	a.tel.Gauge(ctx, "stock", float64(100-i))
	a.tel.Histogram(ctx, "basket_eur", float64(i))
	if fails {
		pay.Fail(errors.New("declined " + liveHostile))
	}
}

// failed is the query for the last trace that failed.
func (a *liveApp) failed(t *testing.T) string {
	t.Helper()
	resp, err := http.Get(a.url + "?format=json")
	require.NoError(t, err)
	defer resp.Body.Close()
	var p live.Page
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&p))
	require.NotEmpty(t, p.Failed)
	return "?trace=" + p.Failed[0].ID
}

func (a *liveApp) visit(t *testing.T, query string, before ...chromedp.Action[chromedp.Void]) *tab {
	t.Helper()
	return visit(t, a.url+query, func(url string) bool { return strings.HasPrefix(url, a.url) || url == "data:," }, before...)
}

const updating = "Number(document.documentElement.dataset.updates) > 6"

func TestLivePage(t *testing.T) {
	a := liveServer(t)
	b := a.visit(t, "")
	b.eventually(updating)
	assert.Equal(t, "Updating", get[string](b, "document.getElementById('state').textContent"))
	assert.Equal(t, []string{"order", "order.pay", "order.pay.bank"}, b.texts("#scopes tbody th"))

	// It moves: a scope opens, and another one inside it, and both end.
	ctx, job := a.tel.Start(context.Background(), "import", slog.String("file", liveHostile))
	b.eventually("document.querySelector('#open .tree > li .name')?.textContent === 'import'")
	_, part := a.tel.Start(ctx, "part")
	job.SetAttrs(slog.Int("lines", 17))
	b.eventually("document.querySelector('#open .tree ul .name')?.textContent === 'import.part'")
	b.eventually("document.querySelector('#open').textContent.includes('lines=17')")
	part.End()
	job.End()
	b.eventually("document.querySelector('#open').textContent.includes('Nothing is running')")
	b.eventually("document.querySelectorAll('#scopes tbody th').length === 5")

	// A click sorts, and the order stays while it updates. Another one shows the last hour.
	b.click("#sort-calls")
	b.arrive("[aria-sort] #sort-calls")
	for range 5 {
		a.tel.Timing(context.Background(), "often", time.Millisecond)
	}
	for range 50 {
		a.tel.Timing(context.Background(), "most", time.Millisecond)
	}
	b.eventually("document.querySelector('#scopes tbody th').textContent === 'most'")
	b.click("#window-1h")
	b.arrive("#window-1h[aria-current=true]")
	assert.Equal(t, "most", b.texts("#scopes tbody th")[0], "sorted still")

	// The keyboard: the focus stays where it is while sections are replaced.
	b.do(chromedp.Focus(chromedp.CSS("#sort-p99")))
	before := get[int](b, "Number(document.documentElement.dataset.updates)")
	b.eventually("Number(document.documentElement.dataset.updates) > " + strconv.Itoa(before+20))
	assert.Equal(t, "sort-p99", get[string](b, "document.activeElement.id"))
	b.press(kb.Enter)
	b.arrive("[aria-sort] #sort-p99")

	// Pause, and go on.
	b.click("#pause")
	b.eventually("document.getElementById('state').textContent === 'Updates are paused'")
	stopped := get[int](b, "Number(document.documentElement.dataset.updates)")
	a.tel.Timing(context.Background(), "meanwhile", time.Millisecond)
	time.Sleep(300 * time.Millisecond) // three updates
	assert.Equal(t, stopped, get[int](b, "Number(document.documentElement.dataset.updates)"))
	b.press(kb.Enter) // the button has the focus still
	b.eventually("document.querySelector('#scopes').textContent.includes('meanwhile')")

	// The filter is a form.
	b.write("#q", "bank")
	b.press(kb.Enter)
	b.arrive(`#q[value="bank"]`)
	assert.Equal(t, []string{"order.pay.bank"}, b.texts("#scopes tbody th"))

	require.NoError(t, a.h.Shutdown(t.Context()))
	b.eventually("document.getElementById('state').textContent === 'Telemetry has ended'")
}

// arrive waits for a page that a click or a key led to, and that it is updated.
func (b *tab) arrive(selector string) {
	b.t.Helper()
	b.do(chromedp.WaitReady(chromedp.CSS(selector)))
	b.eventually(updating)
}

func TestLiveTrace(t *testing.T) {
	a := liveServer(t)
	b := a.visit(t, "")
	b.eventually(updating)
	assert.Len(t, b.texts("#traces ol:first-of-type .traces li, #traces .traces li"), 6)
	b.click("#traces div > div:nth-child(2) a")
	b.do(chromedp.WaitReady(chromedp.CSS(".tree.whole")))
	assert.Contains(t, get[string](b, "document.querySelector('main').textContent"), "declined <img src=x")
	names := b.texts(".whole .scope > .name")
	assert.Equal(t, []string{"order", "order.pay", "order.pay.bank"}, names)
	assert.Contains(t, b.texts(".whole .log")[0], "the bank is slow")
	assert.Zero(t, get[int](b, "document.querySelectorAll('img, main script').length"))
}

// Without JavaScript it is the same page.
func TestLiveWithoutScripts(t *testing.T) {
	a := liveServer(t)
	b := a.visit(t, "", command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	b.do(chromedp.WaitReady(chromedp.CSS("#dropped h3")))
	b.do(chromedp.Click(chromedp.CSS("#sort-p99")))
	b.do(chromedp.WaitReady(chromedp.CSS(`th[aria-sort="descending"] #sort-p99`)))
	b.do(chromedp.Click(chromedp.CSS("#traces a")))
	b.do(chromedp.WaitReady(chromedp.CSS(".tree.whole")))
	assert.Zero(t, a.h.Stats().Clients)
}

func TestLiveAccessible(t *testing.T) {
	source := axe(t)
	a := liveServer(t)
	_, span := a.tel.Start(context.Background(), "import", slog.String("file", "a"))
	defer span.End()
	span.Fail(errors.New("so far"))
	for _, theme := range []string{"light", "dark"} {
		for _, query := range []string{"", a.failed(t)} {
			t.Run(theme+query[:min(len(query), 6)], func(t *testing.T) {
				b := a.visit(t, query, preferring(theme))
				b.do(chromedp.WaitReady(chromedp.CSS("main")))
				dark := luminance(t, b.screenshot()) < 0.35
				assert.Equal(t, theme == "dark", dark)
				accessible(t, b, source)
			})
		}
	}
	b := a.visit(t, "", chromedp.EmulateViewport(380, 800))
	assert.LessOrEqual(t, get[int](b, "document.documentElement.scrollWidth"), 380)
}

// TestLivePicture writes pictures to look at into a folder, if asked to.
func TestLivePicture(t *testing.T) {
	dir := os.Getenv("SLOGTEL_LIVE_PICTURES")
	if dir == "" {
		t.Skip("pictures are made with SLOGTEL_LIVE_PICTURES=FOLDER")
	}
	a := liveServer(t)
	ctx, span := a.tel.Start(context.Background(), "import", slog.String("file", "articles.csv"), slog.Int("lines", 12345))
	defer span.End()
	_, part := a.tel.Start(ctx, "part")
	defer part.End()
	for name, query := range map[string]string{"page": "", "trace": a.failed(t)} {
		for _, theme := range []string{"light", "dark"} {
			b := a.visit(t, query, preferring(theme), chromedp.EmulateViewport(1280, 1700))
			b.do(chromedp.WaitReady(chromedp.CSS("main")))
			require.NoError(t, os.WriteFile(dir+"/"+name+"-"+theme+".png", b.screenshot(), 0o644))
		}
	}
}
