// Package httptel holds the tests of slogtel/httptel across processes, and its
// benchmarks beside otelhttp. It has no code of its own.
//
//	go test ./httptel                               # from the folder interop
//	go test -run '^$' -bench . ./httptel            # in turns, medians, ratios
//
// The test starts three programs (the test binary, told to be one of them): a client,
// a server that it calls, and a server that is called by that one. Each writes its
// telemetry to a file of JSON lines of its own, and the test reads them together.
//
// The benchmarks give otelhttp a TracerProvider of the SDK that samples each span and
// exports none, and no MeterProvider, which spares it the metrics it would make.
package httptel
