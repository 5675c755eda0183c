// Package live shows what a program is doing now, on a page that it serves itself: the scopes that
// are open and how long they have been, what has been called how often, how fast and how well over the
// last minute, ten minutes and hour, whole traces of what was slow or failed with the app's logs inside
// them, and counters and gauges as charts.
//
//	page := live.New(nil)
//	tel := slogtel.New(nil, page)                                      // telemetry
//	slog.SetDefault(slog.New(slog.NewMultiHandler(toStderr, page)))    // the app's logs
//	mux.Handle("/debug/telemetry/", page)                              // or live.Listen("6060", nil)
//
// A [Handler] is a [log/slog.Handler] and a [net/http.Handler]. Its Handle never fails, never blocks and
// never waits for a browser.
//
// # The page
//
//   - Open scopes, as trees, the oldest first, with their age, their attributes so far and their failure so
//     far. An attribute whose value the app may still change, such as a map or a pointer, or whose
//     method would have to be called, is shown as its type.
//   - Scopes: calls, errors, calls a second, quantiles and the greatest time of each, over the last minute, ten
//     minutes or hour. A window has what happened in it, and up to a sixth more; the JSON says how many
//     seconds it is in fact.
//   - Traces: the three slowest of each root scope in the last hour, and the last five of each that
//     failed, 32 taken together: every scope, metric and log of the app in its place.
//   - Counters, gauges, those of package runtimetel apart, and histograms. A chart has a point for each ten
//     seconds of the last ten minutes.
//   - What was dropped: the counts of this handler, see [Stats], and of all others that are given to
//     [Options].Stats.
//
// It updates itself with server-sent events. Without JavaScript it is the same page, as of when it was
// loaded. It can be used with the keyboard and read out by a screen reader, follows the system's light or dark
// theme, and loads nothing from elsewhere.
//
// Sampled events count as many as they stand for; a trace whose root scope was sampled away is not shown, whatever
// failed in it, so that a Handler is better beside a sampler than behind it. Summaries of package aggregate are
// added up; they need aggregate.Options.Sketch to have quantiles. The app's own logs outside of any scope are not
// kept, nor are those below [Options].Level.
//
// Where scopes that start are told by a queue in front, one that is over by then, and was opened inside one of several of
// the same name that run at the same time, is shown in the last of these that started, unless the trace has ids.
//
// # Addresses
//
// All is at the one address at which the Handler is mounted, and is asked for by its query:
//
//	(nothing)            the page; ?window=1m|10m|1h, ?sort=scope|calls|errors|rate|p50|p95|p99|max,
//	                     ?q=TEXT for names that contain a text
//	?trace=ID            a trace whole
//	?format=json         the page, or with ?trace=ID the trace, as JSON; so does Accept: application/json
//	?events=1            updates as server-sent events; what is in them is for the page and not promised
//	?asset=NAME          the script and the style sheet
//
// # JSON
//
// The JSON of the page is a [Page], that of a trace is a [Trace]; their documentation has the members.
// Members are added, and not renamed or taken away without another [Schema]. Names that end with _s are
// seconds, and times are RFC 3339.
//
//	{
//	  "schema": 1, "title": "shop", "time": "…", "uptime_s": 3600, "ended": false, "pid": 1, "go_version": "…",
//	  "open": [{"scope", "start", "age_s", "attrs": {…}, "error", "children": […]}], "open_count": 1,
//	  "scopes": [{"scope", "parent", "depth", "calls", "errors", "windows": {"1m": {"seconds", "calls", "errors", "rate",
//	      "mean", "p50", "p90", "p95", "p99", "max"}, "10m": …, "1h": …}}],
//	  "counters": [{"name", "unit", "total", "rate", "points": […]}],
//	  "gauges": [{"name", "unit", "last", "min", "max", "points": […]}],
//	  "histograms": [{"name", "unit", "windows": {…}}],
//	  "slow": [{"id", "scope", "start", "duration_s", "failed", "errors", "error", "trace_id", "cut_events"}], "failed": […],
//	  "stats": {"live": {"Open": 1, …}, …}
//	}
//
// # Who may see it
//
// Only clients on the same machine are answered, unless [Options].Clients says otherwise: others reach
// it through a tunnel, as ssh -L 6060:localhost:6060 makes one. The page must be asked for as localhost or by a loopback
// address, or by a name in [Options].Hosts, so that a web site whose name is made to point to this
// machine cannot read it. It has no forms that change anything, and a Content-Security-Policy that allows
// no inline script. It asks for no password: who can log in to the machine can read it.
//
// Secrets and personal data are hidden as package redact does, in names, messages, attributes and
// errors, also in the counts of others. Values of other types than the basic ones are searched when they
// arrive, all others when they are shown.
//
// # What it costs
//
// A scope takes 0.2 to 0.3 µs more than with a reporter that does nothing, and no allocation in the long run.
// BenchmarkScope measures it.
//
// # Memory
//
// All is bounded. With the default options:
//
//   - Open scopes: 10,000 of 48 bytes, and what their contexts hold. Later ones are counted, not listed.
//   - Traces that have not ended: a trace has 1000 events and 128 KiB at most, an event 32 attributes, a text
//     1024 bytes; all of them 32 MiB. What is beyond is cut and counted.
//   - Memory that is used again for such traces: 64 pieces of at most 140 KiB, on machines with 16 processors and more, and
//     four for each processor on others.
//   - Traces that are kept: 192 slow ones of 64 root scopes, and 32 that failed, of 128 KiB at most; usually
//     some KiB each.
//   - Scopes: 500, with 20 sketches each of usually 1 KiB; a sketch of which the values are spread over all
//     that a duration can be takes 18 KiB. As many metrics, of 600 bytes; a histogram is like a scope.
//   - Browsers: 16, each with one copy of the page.
//
// A program with a few hundred scopes takes 5 to 10 MiB.
//
// # The end
//
// Shutdown ends the updates and the server of [Listen]. Later events are ignored, and what was recorded
// stays on a page that the app serves itself. A page that is served by the app needs no Shutdown before that of
// its server, but browsers keep the connections of their updates open until one of the two closes them.
package live
