package slogtel_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/slogtel"
)

// collector keeps all records, and the context each came with.
type collector struct {
	mu      sync.Mutex
	records []slog.Record
	ctxs    []context.Context
}

func (c *collector) Enabled(context.Context, slog.Level) bool { return true }

func (c *collector) Handle(ctx context.Context, r slog.Record) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.records = append(c.records, r.Clone())
	c.ctxs = append(c.ctxs, ctx)
	return nil
}

func (c *collector) WithAttrs([]slog.Attr) slog.Handler { panic("not used") }
func (c *collector) WithGroup(string) slog.Handler      { panic("not used") }

func (c *collector) all() []slog.Record {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]slog.Record(nil), c.records...)
}

// attrs are the attributes of the only record there is, in their order.
func (c *collector) attrs(t *testing.T) []slog.Attr {
	t.Helper()
	all := c.all()
	require.Len(t, all, 1)
	return testkit.Attrs(all[0])
}

func keysOf(list []slog.Attr) []string {
	var keys []string
	for _, a := range list {
		keys = append(keys, a.Key)
	}
	return keys
}

// valueOf returns the value of the only attribute with that key.
func valueOf(t *testing.T, list []slog.Attr, key string) slog.Value {
	t.Helper()
	var found []slog.Value
	for _, a := range list {
		if a.Key == key {
			found = append(found, a.Value)
		}
	}
	require.Len(t, found, 1, "attribute %q among %v", key, list)
	return found[0]
}

// errorsSeen collects what goes to OnError.
type errorsSeen struct {
	mu   sync.Mutex
	list []error
}

func (e *errorsSeen) add(_ context.Context, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, err)
}

func (e *errorsSeen) all() []error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]error(nil), e.list...)
}

// setup returns a Telemetry that is on, with what it emits and reports.
func setup(opts slogtel.Options) (*slogtel.Telemetry, *collector, *errorsSeen) {
	c, e := new(collector), new(errorsSeen)
	opts.Mode, opts.OnError = slogtel.On, e.add
	return slogtel.New(&opts, c), c, e
}

func timings(t *testing.T, c *collector) []slogtel.Timing {
	t.Helper()
	var list []slogtel.Timing
	for _, r := range c.all() {
		if tm, ok := slogtel.DecodeTiming(r); ok {
			list = append(list, tm)
		}
	}
	return list
}
