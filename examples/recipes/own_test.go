package recipes

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// A destination of one's own: two methods.
type alerts struct{}

func (alerts) RecordTiming(_ context.Context, t slogtel.Timing) error {
	if t.Error != "" {
		fmt.Println("alert:", t.Scope, "failed:", t.Error)
	}
	return nil
}

func (alerts) RecordMetric(context.Context, slogtel.Metric) error { return nil }

func Example_ownReporter() {
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, slogtel.NewHandler(alerts{}))
	_ = tel.Time(context.Background(), "checkout.pay", func(context.Context) error {
		return errors.New("card declined")
	})
	// Output: alert: checkout.pay failed: card declined
}

// Tests of an app's own telemetry.
func TestOrders(t *testing.T) {
	tel, rec := slogteltest.New(t)
	order(t.Context(), tel)
	if got := rec.Sum("checkout.orders"); got != 1 {
		t.Errorf("%d orders counted, want 1", got)
	}
	rec.CheckNoOpenScopes(t)
}

func order(ctx context.Context, tel *slogtel.Telemetry) {
	ctx, span := tel.Start(ctx, "checkout")
	defer span.End()
	tel.Count(ctx, "orders", 1)
}
