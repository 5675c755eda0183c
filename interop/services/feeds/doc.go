// Package feeds is a small feed reader, shaped as such services are: ServeMuxes inside of each
// other, PostgreSQL through database/sql, an HTTP client that fetches feeds, a table of jobs with a
// worker, and slog. Its test puts it under load from a client of its own and compares what the
// client saw, request by request, with what the library wrote.
package feeds
