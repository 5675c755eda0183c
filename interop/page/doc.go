// Package page holds the tests of the page that "slogtel html" makes, and of the one that package
// reporters/live serves, in a real browser. It has no code of its own.
//
//	go test ./page                        # from the folder interop
//	SLOGTEL_CHROMIUM=1 go test ./page     # a browser that is missing is a failure
//	SLOGTEL_PICTURE=1 go test -run TestPicture ./page   # testdata/report.png again
//
// The browser is Chromium, Debian's package chromium, found on the PATH; where there is
// none, the tests are skipped with a line that says so. SLOGTEL_CHROMIUM may also be its
// path. It runs headless, with a profile of its own that is removed, and is driven over
// its DevTools protocol, by github.com/chromedp/chromedp: real clicks, real keys.
//
// Accessibility is checked by axe-core, which is installed once by npm into the folder
// slogtel-interop of the user's cache (os.UserCacheDir):
//
//	npm install --ignore-scripts --no-audit --no-fund axe-core@4.14.1
package page
