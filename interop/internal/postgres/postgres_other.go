//go:build !linux

// Package postgres starts a PostgreSQL for tests, where Debian's is installed.
package postgres

import (
	"context"
	"errors"
)

// A Server is a PostgreSQL.
type Server struct{ DSN string }

// Start starts a server. The error says what is missing.
func Start(context.Context) (*Server, error) { return nil, errors.New("it is only started on Linux") }

// Stop ends the server.
func (*Server) Stop() {}
