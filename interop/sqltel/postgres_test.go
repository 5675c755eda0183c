package sqltel

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	postgresql "github.com/slogtel/telemetry/interop/internal/postgres"
)

// server is the PostgreSQL of all tests, or the reason why there is none. TestMain ends it.
var server struct {
	once sync.Once
	*postgresql.Server
	err error
}

func TestMain(m *testing.M) {
	code := m.Run()
	server.Stop()
	os.Exit(code)
}

// postgres returns the data source name of a server on a port of its own of 127.0.0.1, or ""
// and says why there is none.
func postgres(t *testing.T) string {
	t.Helper()
	server.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		server.Server, server.err = postgresql.Start(ctx)
	})
	if server.err != nil {
		t.Logf("PostgreSQL is left out: %v", server.err)
		return ""
	}
	return server.DSN
}
