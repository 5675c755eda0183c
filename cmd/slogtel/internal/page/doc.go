// Package page is the html command: one self-contained page that shows what telemetry events say.
//
// A [Model] is a sink of events. It keeps what is bounded whatever the number of
// events: sketches and sums by scope, a grid of time whose buckets double their
// width when there would be too many, a choice of spans, and errors by pattern.
// The page is made of it, and of a second one where two sides are compared.
//
// # The page
//
// The page is one file and needs nothing else: its scripts and styles are inlined,
// and its policy (CSP) lets it run these, known by their SHA-256, fetch nothing, and
// turn no string into markup. What events say is data in a JSON block, of which
// control and bidirectional characters are spelled out, and gets into the page as
// text. The page's own scripts are assets/*.js, as they are; assets/vendor holds
// those of others.
//
// The flame graph is our own: of the libraries on npm, d3-flame-graph comes with
// eight modules of d3, flame-chart-js draws on a canvas, and neither can be used by
// keyboard or read by a screen reader. A flame graph of elements in a tree is both
// smaller and usable. Charts over time are uPlot's.
//
// What one looks at is in the page's address, see assets/state.js. An address is as little to be
// trusted as the events: it selects among what is there, and what it searches for is text.
//
// # Others' answers
//
// Errors are folded by package failures, and two sides are compared by package diff: the page
// shows their results and computes none of them anew.
//
// # Bounds
//
// What does not fit is counted and the page says so: see [Limits]. A page that would
// be larger than [MaxSize] is made again with half of everything.
package page

//go:generate sh assets/vendor/refresh.sh
