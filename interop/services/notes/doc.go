// Package notes is a small notes server, shaped as such services are: echo with groups, middlewares
// and errors that become answers, SQLite through database/sql, and slog with an access log. Its
// test puts it under load from clients of its own and compares what they saw, request by
// request, with what the library wrote.
package notes
