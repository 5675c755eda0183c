// Package prometheus holds tests of reporters/prometheus against a real Prometheus
// server, which scrapes this process and answers PromQL.
package prometheus
