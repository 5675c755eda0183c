package console_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/console"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// valueFunc is a value whose text is the result of foreign code.
type valueFunc func() string

func (f valueFunc) LogValue() slog.Value { return slog.StringValue(f()) }

// textFunc is one that has it by another method.
type textFunc func() string

func (f textFunc) String() string               { return f() }
func (f textFunc) MarshalText() ([]byte, error) { return []byte(f()), nil }

// Methods of values run outside of locks: they may log, and wait for others who do.
func TestTreeCallsValuesUnlocked(t *testing.T) {
	tel, log, out := treeSetUp(true)
	logs := func() string {
		var other sync.WaitGroup
		other.Go(func() { log.Info("from within") })
		other.Wait()
		return "text"
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		ctx, root := tel.Start(context.Background(), "request")
		for _, ctx := range []context.Context{ctx, context.Background()} {
			log.InfoContext(ctx, "hello", "value", valueFunc(logs), "any", textFunc(logs))
		}
		root.End()
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("deadlock")
	}
	assert.GreaterOrEqual(t, strings.Count(out.String(), "from within"), 4)
	assert.Equal(t, 2, strings.Count(out.String(), "hello"))
}

// A child may have the path that its root is renamed to.
func TestTreeOfRenamedRoot(t *testing.T) {
	tel, _, out := treeSetUp(true)
	ctx, root := tel.Start(context.Background(), "request")
	_, child := tel.Start(ctx, "users")
	root.Rename(ctx, "request.users")
	child.End()
	assert.Empty(t, out.String())
	root.End()
	assert.Regexp(t, `^INF request.users \S+\nINF \S+ └─ users \S+ \d+%\n$`, out.String())
}

func TestTreeAfterShutdown(t *testing.T) {
	var out slogteltest.Buffer
	h := console.New(&out, &console.Options{Tree: true, NoTime: true})
	require.NoError(t, h.Shutdown(context.Background()))
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, h)
	ctx, _ := tel.Start(context.Background(), "request")
	tel.Count(ctx, "n", 1)
	assert.Equal(t, "INF   n +1\n", out.String(), "written as it comes")
}
