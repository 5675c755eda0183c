// Package sqltel runs slogtel/sqltel on real drivers: SQLite in the process, and pgx on a
// PostgreSQL of its own, where one is installed.
package sqltel
