package console_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/reporters/console"
)

// What package wide adds is one text. A caller's group of the same name is not touched.
func TestInside(t *testing.T) {
	scopes := slog.Group("scopes", slog.Group("db", slog.Int("count", 3), slog.Float64("duration_s", 0.0041), slog.Float64("max_s", 1), slog.Int("errors", 1)))
	for _, c := range []struct {
		inside []any
		want   string
	}{
		{[]any{scopes, slog.Group("counters", slog.Int("rows", 30)), slog.Group("gauges", slog.Float64("queue", 5)),
			slog.Group("histograms", slog.Group("bytes", slog.Int("count", 2), slog.Float64("sum", 5))),
			slog.Group("first_error", slog.String("scope", "db"), slog.String("error", "deadlock")), slog.Int("open_scopes", 2)},
			`inside="db 3x 4.1ms 1 failed, rows +30, queue = 5, bytes ~ 2.5, first_error = db: deadlock, open_scopes = 2"`},
		{[]any{slog.Group("counters", slog.String("rows", "many"))}, "inside.counters.rows=many"},
		{[]any{slog.Group("scopes", slog.Int("db", 3))}, "inside.scopes.db=3"},
		{[]any{slog.Int("cut_events", 1), slog.Int("mine", 1)}, "inside.cut_events=1 inside.mine=1"},
		{[]any{slog.String("first_error", "x")}, "inside.first_error=x"},
	} {
		var out strings.Builder
		r := testkit.Timing("request", "", 0, 1, "")
		r.AddAttrs(slog.Group("inside", c.inside...))
		testkit.Handle(t, console.New(&out, nil), r)
		assert.Contains(t, out.String(), c.want)
	}
}
