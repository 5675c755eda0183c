// Package services holds two small services, shaped as such services are. Feeds is a feed reader:
// ServeMuxes inside of each other, PostgreSQL through database/sql, an HTTP client, a table of jobs
// with a worker, and slog. Notes is a notes server: echo with groups, middlewares and errors that
// become answers, SQLite through database/sql, and slog with an access log. A test puts each under
// load from clients of its own, and compares what these saw, request by request, with what the
// library wrote.
package services
