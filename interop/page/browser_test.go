package page

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// patience is how long anything may take. The machine may be busy with other tests.
const patience = time.Minute

// chromiumVariable makes a browser that is missing a failure. It may be its path.
const chromiumVariable = "SLOGTEL_CHROMIUM"

// chromium returns the path of the browser. A test that cannot have one is skipped.
func chromium(t *testing.T) string {
	t.Helper()
	wanted := os.Getenv(chromiumVariable)
	if filepath.IsAbs(wanted) {
		return wanted
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if wanted != "" {
		t.Fatal("there is no Chromium: install the Debian package chromium")
	}
	t.Skip("there is no Chromium: install the Debian package chromium")
	return ""
}

// browser is the one that all tests share; a test has a tab of it, with storage of its own.
var browser struct {
	sync.Mutex
	ctx     context.Context
	stop    func()
	profile string
}

func TestMain(m *testing.M) {
	code := m.Run()
	browser.Lock()
	defer browser.Unlock()
	if browser.stop != nil {
		browser.stop()
		if err := gone(browser.profile); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	if built.dir != "" {
		os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

// gone waits until no process uses the profile, and removes it.
func gone(profile string) error {
	deadline := time.Now().Add(patience)
	for {
		list, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		left := 0
		for _, file := range list {
			if line, _ := os.ReadFile(file); strings.Contains(string(line), profile) {
				left++
			}
		}
		err := os.RemoveAll(profile)
		switch {
		case left == 0 && err == nil:
			return nil
		case time.Now().After(deadline):
			return fmt.Errorf("%d processes of the browser are left, and its profile: %v", left, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func startBrowser(t *testing.T) context.Context {
	t.Helper()
	path := chromium(t)
	browser.Lock()
	defer browser.Unlock()
	if browser.ctx != nil {
		return browser.ctx
	}
	profile, err := os.MkdirTemp("", "slogtel-chromium-")
	require.NoError(t, err)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.Env("TMPDIR="+profile), chromedp.WindowSize(1400, 1000),
		chromedp.DisableGPU, chromedp.WSURLReadTimeout(patience))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stop := chromedp.NewContext(allocator)
	require.NoError(t, chromedp.Do(ctx))
	browser.ctx, browser.profile = ctx, profile
	browser.stop = func() {
		_ = chromedp.Cancel(ctx) // waits for it to end
		stop()
		stopAllocator()
	}
	return ctx
}

// A tab shows one page and notes all that it did beside that.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	requests []string // other than for the page itself
	messages []string // of the console and of the browser's log, and exceptions
	dialogs  []string
}

// open opens a file, with a fragment or without, in a tab of its own and waits until its scripts are done.
// Nothing of what the page does in the test may fetch anything, write to the console or fail.
func open(t *testing.T, file string, before ...chromedp.Action[chromedp.Void]) *tab {
	t.Helper()
	url := "file://" + file
	b := visit(t, url, func(other string) bool { return other == strings.Split(url, "#")[0] }, before...)
	b.do(chromedp.WaitReady(chromedp.CSS(`html[data-ready="true"]`)))
	return b
}

// visit opens an address in a tab of its own. Nothing of what the page does in the test may fetch
// anything but its own, write to the console or fail.
func visit(t *testing.T, url string, own func(url string) bool, before ...chromedp.Action[chromedp.Void]) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(startBrowser(t), chromedp.WithNewBrowserContext())
	ctx, cancelTime := context.WithTimeout(ctx, patience)
	b := &tab{t: t, ctx: ctx}
	require.NoError(t, chromedp.Listen(ctx, func(event any) { b.listen(event, own) }))
	t.Cleanup(func() {
		defer cancel()
		defer cancelTime()
		b.mu.Lock()
		defer b.mu.Unlock()
		assert.Empty(t, b.requests, "requests")
		assert.Empty(t, b.messages, "messages")
		assert.Empty(t, b.dialogs, "dialogs")
	})
	b.do(command(network.Enable, network.EnableParams{}), command(log.Enable, cdp.Empty{}))
	b.do(before...)
	b.do(chromedp.Navigate(url))
	return b
}

func (b *tab) listen(event any, own func(url string) bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if !own(e.Request.URL) {
			b.requests = append(b.requests, e.Request.URL)
		}
	case *runtime.EventConsoleAPICalled:
		b.messages = append(b.messages, fmt.Sprintf("console.%s: %v", e.Type, e.Args))
	case *runtime.EventExceptionThrown:
		b.messages = append(b.messages, (&chromedp.ExceptionError{ExceptionDetails: e.ExceptionDetails}).Error())
	case *log.EventEntryAdded:
		b.messages = append(b.messages, string(e.Entry.Level)+": "+e.Entry.Text)
	case *cdppage.EventJavascriptDialogOpening:
		b.dialogs = append(b.dialogs, e.Message)
		go func() {
			_ = chromedp.Do(b.ctx, command(cdppage.HandleJavaScriptDialog, cdppage.HandleJavaScriptDialogParams{}))
		}()
	}
}

// expect takes away the messages so far and returns them.
func (b *tab) expect() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	messages := b.messages
	b.messages = nil
	return messages
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, actions...))
}

// command is a command of the protocol whose result does not matter.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, c, params)
		return err
	})
}

// click clicks on the middle of the first element that the selector finds, once it
// keeps still: what was clicked before may still be moving the page.
func (b *tab) click(selector string) {
	b.t.Helper()
	b.eventually(fmt.Sprintf("document.querySelector(%q)", selector))
	get[bool](b, fmt.Sprintf(`new Promise((done) => {
		const e = document.querySelector(%q);
		e.scrollIntoView({ block: "center", behavior: "instant" });
		let last = "";
		const look = () => {
			const { x, y, width, height } = e.getBoundingClientRect();
			const now = [x, y, width, height].join();
			if (now === last) return done(true);
			last = now;
			setTimeout(() => requestAnimationFrame(look), 50);
		};
		look();
	})`, selector))
	b.do(chromedp.Click(chromedp.CSS(selector)))
}

// press presses keys on what has the focus.
func (b *tab) press(keys string) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(keys))
}

// write writes into a field in place of what is there.
func (b *tab) write(selector, text string) {
	b.t.Helper()
	get[bool](b, fmt.Sprintf("document.querySelector(%q).select(), true", selector))
	b.press(kb.Backspace)
	b.do(chromedp.SendKeys(chromedp.CSS(selector), text))
}

// get returns the value of an expression of JavaScript, or of a promise.
func get[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	require.NoError(b.t, err)
	return v
}

// texts returns the text of all elements that the selector finds.
func (b *tab) texts(selector string) []string {
	b.t.Helper()
	return get[[]string](b, fmt.Sprintf("[...document.querySelectorAll(%q)].map((e) => e.textContent)", selector))
}

// eventually waits until an expression is true.
func (b *tab) eventually(expression string) {
	b.t.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.Poll[bool]("!!("+expression+")", chromedp.WithPollingTimeout(patience/2)))
	require.NoError(b.t, err)
}

// preferring is a system that prefers a theme.
func preferring(theme string) chromedp.Action[chromedp.Void] {
	return command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}},
	})
}

func (b *tab) screenshot() []byte {
	b.t.Helper()
	image, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	require.NoError(b.t, err)
	return image
}
