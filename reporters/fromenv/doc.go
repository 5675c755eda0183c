// Package fromenv sets telemetry and logs up from the environment alone: an app writes a few
// lines, and those who run it choose where telemetry goes.
//
//	func main() {
//		setup, err := fromenv.New(nil, nil)
//		slog.SetDefault(slog.New(setup.Handler))
//		if err != nil {
//			slog.Warn("telemetry is not set up as asked for", "error", err)
//		}
//		os.Exit(setup.Main(run)) // run(ctx) error; ends telemetry, whatever happens
//	}
//
// # The variables
//
//	SLOGTEL_TELEMETRY   on or off, as slogtel.New reads it. Where neither it, nor
//	                    GEMINI_BATCH_TELEMETRY or DEBUG decides, telemetry is on if
//	                    SLOGTEL_REPORTERS is set.
//	SLOGTEL_REPORTERS   where telemetry goes, a list with commas between:
//	                      app            the app's own handler
//	                      console        the terminal, on standard error
//	                      console=tree   the same, each root scope whole when it ends
//	                      json=PATH      JSON lines: a file, stdout or stderr
//	                      ecs=PATH       the same in the Elastic Common Schema
//	                      statsd=URL     a StatsD daemon; see below
//	                      memory         a report on standard error at Shutdown
//	                      live=ADDRESS   a page of what the program is doing now, see below
//	                    and what modules add with [Register], as slogtel/oteltel/autoexport
//	                    adds otlp. The default is app, and
//	                    console if the app has no handler.
//	SLOGTEL_LEVEL       the least level of logs and of lines of telemetry: warn, or
//	                    info,api.*=debug, see handlers.Levels
//	SLOGTEL_AGGREGATE   a duration such as 1m: lines of telemetry are summaries, one a scope
//	                    and interval, and one for each event that failed
//	SLOGTEL_SAMPLE      the share of scopes with their logs that is written as lines, from 0 to
//	                    1: 0.1, or 0.1,pay.*=1,health.*=0, see package sample
//	SLOGTEL_REDACT      on or off; secrets or personal for one kind of data only, see
//	                    package redact. The default is off.
//	SLOGTEL_SERVICE     the name of the service, in JSON lines
//
// The address of a daemon is one that statsd.New takes, and may have a query with the
// dialect (plain, dogstatsd, influxdb, graphite, signalfx), a prefix and the keys of
// attributes that become tags: statsd=udp://127.0.0.1:8125?dialect=dogstatsd&prefix=shop&tags=model|route.
// An empty one, statsd alone, is taken from the variables that statsd.New names.
//
// The page of package live is served until Shutdown: live=6060 at http://127.0.0.1:6060/, and live=HOST:PORT
// elsewhere. Only this machine may ask for it, as localhost, unless a query adds networks and names:
// live=0.0.0.0:6060?client=10.0.0.0/8&host=debug.example.com. The address of the page is written to
// standard error. It keeps the app's logs inside their scopes, too.
//
// Lines are those of app, console, json and ecs. The others are told of all events, whatever
// the level, the rate and the interval.
//
// # The app's logs
//
// [Setup].Handler is for the app's own logs: they obey SLOGTEL_LEVEL, SLOGTEL_SAMPLE and
// SLOGTEL_REDACT, and bear the scope that they are in. They go to the app's handler, and
// without one to the reporters that write lines.
//
// # The end
//
// [Setup.Shutdown] ends telemetry. A program that ends by os.Exit, log.Fatal or a signal runs no
// deferred call, and loses what is in a queue or an interval: give what the program does to
// [Setup.Main], return errors in place of log.Fatal, and it is not lost.
package fromenv
