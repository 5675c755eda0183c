// Package shipping shows that the lines of package jsonlines can be shipped: a file
// written by examples/batch goes through real shippers, with the configurations of
// examples/shipping, into real stores, and the queries of examples/shipping/queries.md
// must answer what the memory reporter measured in the same run. It has tests only.
//
// A shipper gets the first half of the lines, then the file is renamed, as when it is
// rotated, and the second half comes in a new one: none may be lost or come twice.
//
//	go test ./shipping                                           # in interop/: the light ones
//	SLOGTEL_INTEROP_HEAVY=1 go test -timeout 60m ./shipping      # all
//
// # How the programs get here
//
// Each is built or unpacked once, at a fixed version, into slogtel-interop in the user's
// cache folder ([os.UserCacheDir]); to have it built anew, delete its folder there. The
// tests need the Go module proxy for that and, for rsyslog, Debian's packages. What cannot
// be had is skipped, with the reason. The times are those of two idle cores.
//
//   - VictoriaLogs v1.52.1 (27 s): go install.
//   - telegraf v1.37.2 (31 s): go install with build tags for the few plug-ins that the
//     configuration names.
//   - rsyslog (6 s): the one that is installed, if it has omelasticsearch; else the
//     packages rsyslog and rsyslog-elasticsearch of Debian, and what they need, are
//     downloaded by apt-get and unpacked by dpkg-deb into the cache. Nothing is installed.
//   - OpenTelemetry Collector v0.160.0 (72 s, heavy): main program written by its builder,
//     with the file_log and otlp receivers and the otlp_http and file exporters, modules
//     pinned, go build.
//
// All listen on free ports of 127.0.0.1, keep their data in folders of the test, and are
// ended with their process group when the test ends, or with the test's process.
//
// # What VictoriaLogs stands for
//
// It takes Loki's push requests, Elasticsearch's _bulk and OTLP, and answers LogsQL. LogQL is not run
// here: examples/shipping/queries.md says when it last was, and against what. VictoriaLogs has no
// mappings, so it cannot show a clash: for that, another test holds every field of every
// line against the index templates. Before its _bulk stands a proxy that tells it which
// field is the time, for which rsyslog has no setting. The command reads the lines back from it, by the URL of a query.
package shipping
