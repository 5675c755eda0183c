package shipping

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/sample"
	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/preview"
)

// ownPrefix is what the keys of the caller's attributes in everyLine begin with.
const ownPrefix = "my_"

// everyLine returns lines that have, together, every field that the schema has.
func everyLine(t *testing.T, schema jsonlines.Schema) []byte {
	t.Helper()
	var out bytes.Buffer
	h := jsonlines.New(&out, &jsonlines.Options{
		Schema: schema, AddSource: true, Service: "shop", Environment: "production", Version: "1.2.3", MaxLine: 4096,
	})
	tel := slogtel.New(&slogtel.Options{
		Mode: slogtel.On, TraceIDs: true,
		OnError: func(_ context.Context, err error) { t.Error(err) },
	}, h)
	ctx, outer := tel.Start(t.Context(), "checkout")
	inner, span := tel.Start(ctx, "pay", ownAttrs()...)
	span.SetAttrs(preview.New(&preview.Options{Mode: preview.On}).Attr(`{"modelVersion":"m","candidates":[{"content":{"parts":[{"text":"hello"}]},"finishReason":"STOP"}]}`))
	span.Fail(errors.New("declined"))
	tel.Count(inner, "attempts", 3)
	tel.Gauge(inner, "queue", 12)
	tel.Histogram(inner, "bytes", 1e21)
	tel.Metric(inner, "ratio", 0.5)
	tel.Metric(inner, "currency", "EUR")
	tel.NewHistogram("checkout.basket", &slogtel.InstrumentOptions{Unit: "By"}).Record(inner, 512)
	_, canceled := tel.Start(inner, "notify")
	canceled.Fail(context.Canceled)
	canceled.End()
	span.End()
	outer.End(slog.String("my_text", strings.Repeat("x", 8192)))
	sampledAndSummedUp(t, h)

	log := slog.New(h)
	log.Log(inner, slog.LevelInfo+2, "an ordinary record", slog.Any("error", errors.New("boom")),
		slog.String("scope", "checkout.pay"), slog.String("trace_id", "0af7651916cd43dd8448eb211c80319c"), slog.String("span_id", "b7ad6b7169203331"))
	// The same keys with values of other kinds, as programs have them.
	log.Info("numbers", "my_size", 12, "my_ratio", 1, "my_flag", true, "my_text", "a")
	log.Info("others", "my_size", "large", "my_ratio", 0.5, "my_flag", "maybe", "my_text", 12)
	log.Info("others still", "my_size", 1.5, "my_ratio", "n/a", "my_flag", 0, "my_text", true, "my_list", []int{1, 2}, "my_nothing", nil)
	log.WithGroup("my_request").Info("in a group", "method", "GET", "tries", 2)
	return out.Bytes()
}

func ownAttrs() []slog.Attr {
	return []slog.Attr{
		slog.Int("my_size", 7), slog.Duration("my_wait", time.Second), slog.Time("my_time", time.Unix(1, 0)),
		slog.Group("my_group", slog.Int("a", 1), slog.String("b", "2")), slog.Any("my_list", []string{"a"}),
	}
}

// sampledAndSummedUp writes what sampling and aggregation make of events: those that
// pass, with their marks, and the summaries of all types.
func sampledAndSummedUp(t *testing.T, h slog.Handler) {
	t.Helper()
	agg := aggregate.New(h, &aggregate.Options{SlowerThan: time.Millisecond, Sketch: true, Keys: []string{"my_size"}})
	sampled := sample.New(&sample.Options{Rate: 0.5, Metrics: true, Random: func() float64 { return 0 }}).Middleware
	tel := slogtel.New(&slogtel.Options{
		Mode: slogtel.On, OnError: func(_ context.Context, err error) { t.Error(err) },
	}, sampled(agg))
	ctx, span := tel.Start(t.Context(), "checkout")
	for i := range 5 {
		tel.Timing(ctx, "pay", time.Duration(i+1)*time.Second, ownAttrs()...)
		tel.Count(ctx, "attempts", 3)
		tel.Gauge(ctx, "queue", 12)
		tel.Histogram(ctx, "bytes", 1e21)
		tel.Metric(ctx, "ratio", 0.5)
	}
	span.End()
	require.NoError(t, agg.Shutdown(t.Context()))
}
