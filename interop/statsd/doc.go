// Package statsd holds the tests of reporters/statsd on real daemons. It has no code
// of its own.
//
//	go test ./statsd                       # from the folder interop
//	go test -short ./statsd                # a twentieth of the events, no waiting
//	go test -tags telegraf ./statsd        # telegraf too: it builds for half a minute
//	go test -run '^$' -fuzz FuzzExporter -fuzztime 30s -fuzzminimizetime 5x -parallel 1 ./statsd
//
// Besides workloads made for the purpose, the tests run examples/batch as a process of
// its own, with -statsd, and compare what its Memory saw with what the daemon has.
//
// The daemons are installed once, by the ordinary clients, into the folder
// slogtel-interop of the user's cache (os.UserCacheDir), and started by the tests on
// free ports of 127.0.0.1. Where one cannot be installed, its tests are skipped with a
// line that says why. The tests need Linux.
//
// # Etsy's statsd
//
// The original, in JavaScript. It listens on UDP, TCP and a Unix stream socket at once, and loads a
// backend of a few lines that writes each flush as a line of JSON: what the daemon
// has understood, with nothing in between. The tests also ask its TCP admin port.
//
// # statsd_exporter
//
// Prometheus' bridge, in Go, which reads four dialects.
//
// Of a timing with a sample rate it makes as many as whole times go into 1/rate. A tag
// quantile ends it, one of __name__ and a metric such as go_goroutines end its answers, and
// a name is of one kind: what comes under it from another is dropped. The handler renames
// all these; names_linux_test.go holds that they arrive.
//
// What it has understood is read from /metrics. It rejects negative increments of a
// counter, as Prometheus has none. Killed, it leaves its Unix socket behind, and does
// not start again until the file is gone.
//
// # telegraf
//
// A second opinion, with the build tag telegraf.
//
// It reads the lines of a TCP connection with several goroutines, so that a gauge's zero
// may be read after the value that was sent with it: of 500 negative gauges, each set five
// times, two read zero at the end. With the pause that the handler makes none does.
//
// It needs datadog_extensions and datadog_distributions for the tags and types of
// DogStatsD, and logs a line with E! for what it cannot parse.
package statsd
