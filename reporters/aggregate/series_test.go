package aggregate

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/testkit"
)

// An event that finds an interval full, and over by the time it is added, is whole in the next one.
func TestOverflowOfAnIntervalThatEnds(t *testing.T) {
	a := New(nil, &Options{Keys: []string{"model"}, MaxSeries: 1, Interval: time.Hour})
	c := a.core
	defer func() { require.NoError(t, a.Shutdown(t.Context())) }()
	r := testkit.OfSeries(testkit.Timing("a", "", 0, 1, ""))
	require.NoError(t, a.Handle(t.Context(), r))

	old := c.table.Load()
	var e event.Sample
	r = r.Clone()
	r.AddAttrs(slog.String("model", "m"))
	require.True(t, e.ReadFrom(&r))
	attrs := []slog.Attr{slog.String("model", "m")}
	taken, _ := c.add(&r, a.view, &e, r.Level, 1, appendDim(nil, attrs[0].Value), attrs)
	require.True(t, taken)
	for _, s := range old.overflow.Close() {
		s.Close((*sums).merge)
	}

	done := make(chan struct{})
	go func() {
		defer close(done)
		c.add(&r, a.view, &e, r.Level, 1, appendDim(nil, attrs[0].Value), attrs)
	}()
	time.Sleep(10 * time.Millisecond) // it finds nothing but what is closed
	fresh := c.newTable(time.Now(), old)
	c.table.Store(fresh)
	<-done
	all := fresh.List()
	require.Len(t, all, 1)
	assert.Equal(t, attrs, all[0].Val().attrs)
}
