package statsd

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/slogtel"
)

// Behind an Aggregate come the summaries and the events that failed, which they have
// counted: of that nothing is sent. Beside it all is as without it.
func TestBehindAndBesideAnAggregate(t *testing.T) {
	var behindNet, besideNet network
	opts := &Options{Dialect: DogStatsD, TagKeys: []string{"error"}}
	behind, beside := open(t, &behindNet, "127.0.0.1:8125", opts), open(t, &besideNet, "127.0.0.1:8125", opts)
	agg := aggregate.New(behind, nil)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, agg, beside)
	for i := range 10 {
		_, span := tel.Start(t.Context(), "call")
		if i%5 == 0 {
			span.Fail(errors.New("refused"))
		}
		span.End()
		tel.Count(t.Context(), "bytes", 3)
	}
	require.NoError(t, agg.Flush(t.Context()))
	assert.Empty(t, sent(t, behind, &behindNet))
	s := behind.Stats()
	assert.EqualValues(t, 2+2, s.Skipped, "two that failed, and two summaries")
	assert.EqualValues(t, 2+2, s.Events())

	all := strings.Join(sent(t, beside, &besideNet), "\n")
	assert.Equal(t, 8, strings.Count(all, "|ms|#error:false"))
	assert.Equal(t, 2, strings.Count(all, "|ms|#error:true"))
	assert.Contains(t, all, "bytes:30|c")
	assert.Zero(t, beside.Stats().Skipped)
}

// Of all types, what a summary has counted is skipped, in whatever form it comes; what
// only looks like that is not.
func TestInSummaryIsSkipped(t *testing.T) {
	var n network
	h := open(t, &n, "127.0.0.1:8125", nil)
	skipped := int64(0)
	for _, r := range events() {
		for _, r := range []slog.Record{r, resolved(r), nested(r, "g")} {
			handle(t, h, with(r, append(attrsOf(r), slog.Bool(slogtel.KeyInSummary, true))...))
			skipped++
		}
	}
	assert.Empty(t, sent(t, h, &n))
	assert.Equal(t, skipped, h.Stats().Skipped)
	for _, v := range []slog.Value{slog.BoolValue(false), slog.StringValue("true"), slog.IntValue(1), slog.AnyValue(nil)} {
		handle(t, h, timingRecord("t", time.Millisecond, slog.Attr{Key: slogtel.KeyInSummary, Value: v}))
	}
	assert.Equal(t, []string{"t:1|ms\nt:1|ms\nt:1|ms\nt:1|ms"}, sent(t, h, &n))
	assert.Equal(t, skipped, h.Stats().Skipped)
}
