package statsd

import (
	"context"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/slogtel"
)

// sampled returns r as a middleware that keeps this share of the records leaves it.
func sampled(r slog.Record, rate float64) slog.Record {
	r = r.Clone()
	r.AddAttrs(slog.Float64(slogtel.KeySampleRate, rate))
	return r
}

func histogramRecord(name string, v float64) slog.Record {
	return record(func(ctx context.Context, t *slogtel.Telemetry) { t.Histogram(ctx, name, v) })
}

func TestSampledBefore(t *testing.T) {
	for d, want := range map[Dialect]string{
		Plain: "h:2|ms", DogStatsD: "h:2|h", InfluxDB: "h:2|h", Graphite: "h:2|ms", SignalFX: "h:2|ms",
	} {
		var n network
		h := open(t, &n, "127.0.0.1:8125", &Options{Dialect: d})
		handle(t, h,
			sampled(timingRecord("t", time.Millisecond), 0.25), timingRecord("t", time.Millisecond), sampled(timingRecord("t", time.Millisecond), 1),
			sampled(histogramRecord("h", 2), 0.125), sampled(gaugeRecord("g", 5), 0.5),
			sampled(countRecord("c", 3), 0.1), countRecord("c", 4), sampled(countRecord("c", 5), 0.1), sampled(countRecord("c", 7), 0.01))
		assert.Equal(t, []string{strings.Join([]string{
			"t:1|ms|@0.25", "t:1|ms", "t:1|ms", want + "|@0.125", "g:5|g", "c:8|c|@0.1", "c:4|c", "c:7|c|@0.01",
		}, "\n")}, sent(t, h, &n), "%v", d)
		assert.EqualValues(t, 9, h.Stats().Sent)
	}
}

// Both are multiplied, and the tags stand behind them.
func TestSampledTwice(t *testing.T) {
	var n network
	h := open(t, &n, "127.0.0.1:8125", &Options{
		Dialect: DogStatsD, TagKeys: []string{"model"}, SampleRates: SampleRates{Counter: 0.5, Timing: 0.999999, Histogram: 0.999999},
	})
	r := sampled(countRecord("c", 2, slog.String("model", "m")), 0.3)
	for range 1000 {
		handle(t, h, r)
	}
	all := strings.Join(sent(t, h, &n), "\n")
	s := h.Stats()
	assert.EqualValues(t, 1000, s.Sent+s.SampledOut)
	assert.InDelta(t, 500, s.Sent, 100)
	assert.Equal(t, "c:"+strconv.FormatInt(2*s.Sent, 10)+"|c|@0.15|#model:m", all)
}

// What the daemon makes of the sums is what was counted before it was sampled.
func TestSampledSumsStayRight(t *testing.T) {
	var n network
	h := open(t, &n, "127.0.0.1:8125", nil)
	rates, want := []float64{1, 0.5, 0.1, 1. / 3, 0.7 * 0.9, 1e-6}, 0.
	for i := range 600 {
		rate := rates[i%len(rates)]
		handle(t, h, sampled(countRecord("c", int64(i)), rate))
		want += float64(i) / rate
	}
	got := 0.
	for _, p := range sent(t, h, &n) {
		for line := range strings.SplitSeq(p, "\n") {
			l, err := parseLine(Plain, line)
			require.NoError(t, err)
			v, err := strconv.ParseFloat(l.value, 64)
			require.NoError(t, err)
			rate := 1.
			if l.rate != "" {
				rate, err = strconv.ParseFloat(l.rate, 64)
				require.NoError(t, err)
			}
			got += v / rate
		}
	}
	assert.InEpsilon(t, want, got, 1e-9)
	assert.EqualValues(t, len(rates), h.Stats().Series)
}

func TestRareSamplesHaveNoForm(t *testing.T) {
	var n network
	h := open(t, &n, "127.0.0.1:8125", &Options{SampleRates: SampleRates{Timing: 0.5}})
	for range 100 {
		handle(t, h, sampled(timingRecord("t", 1), 1.5e-6))
	}
	handle(t, h, sampled(countRecord("c", 1), 0.9e-6), sampled(countRecord("c", 1), math.SmallestNonzeroFloat64))
	assert.Empty(t, sent(t, h, &n))
	s := h.Stats()
	assert.EqualValues(t, 102, s.Skipped)
	assert.EqualValues(t, 102, s.Events())
}

// Ever new rates are ever new series: the limit holds for them as well.
func TestRatesAreBounded(t *testing.T) {
	var n network
	h := open(t, &n, "127.0.0.1:8125", &Options{MaxSeries: 3})
	for i := range 100 {
		handle(t, h, sampled(countRecord("c", 1), float64(i+1)/1000))
	}
	s := h.Stats()
	assert.EqualValues(t, 3, s.Series)
	assert.EqualValues(t, 97, s.Overflowed)
	assert.Equal(t, []string{"c:1|c|@0.001\nc:1|c|@0.002\nc:1|c|@0.003"}, sent(t, h, &n))
}

func TestAppendRate(t *testing.T) {
	for _, c := range []struct {
		own, before float64
		want        string
	}{
		{1, 0, ""}, {1, 1, ""}, {0.5, 0, "0.5"}, {0.1, 0.3, "0.03"}, {1, 1. / 3, "0.333333333"}, {1, 0.9999999999, ""}, {1, 0.999999999, "0.999999999"},
		{1, 1e-6, "0.000001"}, {1, longestRate, "0.00000123456789"}, {1e-6, 0, "0.000001"}, {0.25, 0.25, "0.0625"}, {0.1, 0.1, "0.01"},
	} {
		assert.Equal(t, c.want, string(appendRate(nil, c.own, c.before)), "%v", c)
	}
}

func FuzzRate(f *testing.F) {
	f.Add(0.3, 0.1)
	f.Add(1., 1e-6)
	f.Add(0.99999999, 0.99999999)
	f.Fuzz(func(t *testing.T, own, before float64) {
		if !(0 < own && own <= 1 && 0 < before && before <= 1) || own*before < minRate {
			t.Skip("left out before")
		}
		text := string(appendRate(nil, own, before))
		rate := 1.
		if text != "" {
			require.Regexp(t, `^0\.[0-9]*[1-9]$`, text)
			require.LessOrEqual(t, len(text), len("0.00000123456789"))
			var err error
			rate, err = strconv.ParseFloat(text, 64)
			require.NoError(t, err)
		}
		// The ninth digit may be one less than the nearest, for the whole weight.
		require.InEpsilon(t, own*before, rate, 1.6e-8)
	})
}

// Daemons take the whole part of 1/rate: of a rate that is one in n it is n.
func TestWholeRates(t *testing.T) {
	for n := 2.; n < 1e6; n = math.Ceil(n * 1.003) {
		for _, own := range []float64{1, 0.5, 0.37} {
			text := string(appendRate(nil, own, 1/n/own))
			rate, err := strconv.ParseFloat(text, 64)
			require.NoError(t, err)
			require.Equal(t, n, math.Floor(1/rate), text)
		}
	}
}

// Timings and values of histograms have a whole weight, which is right on average; sums
// of counters keep their rate.
func TestWeightsAreWhole(t *testing.T) {
	for _, rate := range []float64{0.6, 0.6666, 0.37, 0.9, 0.3, 0.123456} {
		var n network
		h := open(t, &n, "unixgram:///run/s.sock", &Options{SampleRates: SampleRates{Histogram: rate}})
		const events = 20_000
		timed, value := sampled(timingRecord("t", time.Millisecond), rate), histogramRecord("h", 1)
		for range events {
			handle(t, h, timed, value)
		}
		handle(t, h, sampled(countRecord("c", 10), rate))
		var got [3]float64
		for _, line := range linesOf(sent(t, h, &n)) {
			l, err := parseLine(Plain, line)
			require.NoError(t, err)
			weight := 1.
			if l.rate != "" {
				r, err := strconv.ParseFloat(l.rate, 64)
				require.NoError(t, err)
				weight = 1 / r
			}
			i := strings.Index("thc", l.name)
			if l.name != "c" {
				weight = math.Floor(weight) // as a daemon does
			} else {
				require.InEpsilon(t, 10/rate, 10*weight, 1e-6)
			}
			got[i] += weight
		}
		assert.InEpsilon(t, events/rate, got[0], 0.05, "timings of a rate of %v", rate)
		assert.InEpsilon(t, float64(events), got[1], 0.12, "values of a rate of %v", rate)
	}
}
