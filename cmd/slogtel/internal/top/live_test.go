//go:build !js

package top

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/remote"
	"github.com/slogtel/telemetry/reporters/live"
	"github.com/slogtel/telemetry/slogtel"
)

// What a live page says of a program that runs is what top shows.
func TestLive(t *testing.T) {
	page := live.New(&live.Options{Title: "shop"})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, page)
	defer func() { _ = tel.Shutdown(context.Background()) }()
	server := httptest.NewServer(page)
	defer server.Close()
	ctx, root := tel.Start(context.Background(), "order", slog.String("customer", "ann"))
	defer root.End()
	for range 5 {
		tel.Timing(ctx, "pay", 1)
		tel.Count(ctx, "articles", 2)
	}
	poller, err := remote.NewPoller(server.URL)
	require.NoError(t, err)
	s := newAddress(poller).snapshot(t.Context())
	assert.Empty(t, s.Problem)
	require.Len(t, s.Scopes, 1)
	assert.Equal(t, "order.pay", s.Scopes[0].Scope)
	assert.EqualValues(t, 5, s.Scopes[0].Calls)
	require.Len(t, s.Open, 1)
	assert.Equal(t, "order", s.Open[0].Scope)
	assert.Contains(t, s.Open[0].Attrs, "customer=ann")
	assert.Len(t, s.Counters, 1)
}
