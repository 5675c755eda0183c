package reporters_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/sample"
	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/reporters/statsd"
	"github.com/slogtel/telemetry/slogtel"
)

// Each trace of this test is a call that failed or went well, with a counter in it.
const (
	sampledCalls = 20_000
	sampledFail  = 97 // every so many calls one fails
	sampledBytes = 7  // that each call counts
)

// TestSampledScalesBack sends the same telemetry through a Sample of its own to each kind
// of destination. All keep the same traces, and what each makes of them comes near to
// what there was without sampling.
func TestSampledScalesBack(t *testing.T) {
	daemon := newStatsDaemon(t)
	metrics, err := statsd.New("tcp://"+daemon.address, nil)
	require.NoError(t, err)
	memory, behind := memory.New(nil), memory.New(nil)
	agg := aggregate.New(behind, nil)

	var samples []*sampledTo
	var all []slog.Handler
	for _, next := range []slog.Handler{memory, metrics, agg} {
		s := &sampledTo{
			sampler: sample.New(&sample.Options{Rate: 0.1, Metrics: true}),
			kept:    make(map[string]int),
		}
		samples = append(samples, s)
		all = append(all, s.sampler.Middleware(slog.NewMultiHandler(s, next)))
	}
	sampledRun(t, all)

	kept := samples[0].kept
	for _, s := range samples {
		assert.Equal(t, kept, s.kept, "the same events of the same traces")
		assert.EqualValues(t, 2*sampledCalls, s.sampler.Stats().Kept+s.sampler.Stats().Dropped)
		assert.EqualValues(t, s.sampler.Stats().Kept, s.events())
	}
	events := samples[0].events()
	assert.InEpsilon(t, 2*sampledCalls/10, events, 0.1, "it is a sample: with the failures somewhat more")

	const failures = (sampledCalls + sampledFail - 1) / sampledFail
	check := func(name string, calls, failed, bytes, sum float64) {
		assert.InEpsilon(t, sampledCalls, calls, 0.05, "%s: calls", name)
		assert.EqualValues(t, failures, failed, "%s: of the failures none is dropped", name)
		assert.InEpsilon(t, sampledCalls, bytes, 0.05, "%s: events of the counter", name)
		assert.InEpsilon(t, sampledCalls*sampledBytes, sum, 0.05, "%s: the counter's sum", name)
	}
	held := memory.Snapshot()
	require.Len(t, held.Scopes, 1)
	require.Len(t, held.Counters, 1)
	calls, counter := held.Scopes[0], held.Counters[0]
	check("memory", float64(calls.Calls), float64(calls.Errors), float64(counter.Count), float64(counter.Sum))

	require.NoError(t, agg.Shutdown(t.Context()))
	rolled := behind.Snapshot()
	require.Len(t, rolled.Scopes, 1)
	assert.Equal(t, calls.Calls, rolled.Scopes[0].Calls, "both scale in the same way")
	assert.Equal(t, calls.Errors, rolled.Scopes[0].Errors, "the failures that pass are not counted twice")
	assert.Equal(t, held.Counters, rolled.Counters)
	assert.EqualValues(t, events, agg.Stats().Events)
	assert.EqualValues(t, failures, agg.Stats().Passed)

	require.NoError(t, metrics.Shutdown(t.Context()))
	stats := metrics.Stats()
	assert.EqualValues(t, events, stats.Sent)
	assert.EqualValues(t, events, stats.Events())
	// A daemon divides by the rate. It is told of sums only how much, not of how many.
	got := daemon.received(t)
	check("statsd", got.timings, got.unsampled, got.sum/sampledBytes, got.sum)
	assert.InDelta(t, calls.Calls, got.timings, 1e-6)
	assert.InDelta(t, counter.Sum, got.sum, 1e-6)
}

// sampledRun makes all calls. Their trace ids are as random as others, but the same ones
// in each run of the test.
func sampledRun(t *testing.T, to []slog.Handler) {
	type traceKey struct{}
	tel := slogtel.New(&slogtel.Options{
		Mode: slogtel.On, TraceIDs: true,
		TraceParent: func(ctx context.Context) (string, string) {
			trace, _ := ctx.Value(traceKey{}).(string)
			return trace, "00f067aa0ba902b7"
		},
		OnError: func(_ context.Context, err error) { t.Error(err) },
	}, to...)
	random := rand.NewChaCha8([32]byte{1, 2, 3})
	refused := errors.New("refused")
	for i := range sampledCalls {
		var id [16]byte
		binary.BigEndian.PutUint64(id[:8], random.Uint64())
		binary.BigEndian.PutUint64(id[8:], random.Uint64())
		ctx, span := tel.Start(context.WithValue(t.Context(), traceKey{}, fmt.Sprintf("%x", id)), "call")
		tel.Count(ctx, "bytes", sampledBytes)
		if i%sampledFail == 0 {
			span.Fail(refused)
		}
		span.End()
	}
}

// A sampledTo remembers what one Sample has kept.
type sampledTo struct {
	sampler *sample.Sampler
	mu      sync.Mutex
	kept    map[string]int // by trace and message
}

var _ slog.Handler = (*sampledTo)(nil)

func (*sampledTo) Enabled(context.Context, slog.Level) bool   { return true }
func (s *sampledTo) WithAttrs(attrs []slog.Attr) slog.Handler { return s }
func (s *sampledTo) WithGroup(name string) slog.Handler       { return s }
func (s *sampledTo) Handle(_ context.Context, r slog.Record) error {
	timing, _ := slogtel.DecodeTiming(r)
	metric, _ := slogtel.DecodeMetric(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept[timing.TraceID+metric.TraceID+" "+r.Message]++
	return nil
}

func (s *sampledTo) events() (n int64) {
	for _, count := range s.kept {
		n += int64(count)
	}
	return n
}

// A statsDaemon takes what one client sends by TCP, of which nothing gets lost.
type statsDaemon struct {
	address string
	text    chan string // all of it, when the client has closed
}

func newStatsDaemon(t *testing.T) *statsDaemon {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	d := &statsDaemon{l.Addr().String(), make(chan string, 1)}
	go func() {
		defer close(d.text)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		text, _ := io.ReadAll(c)
		d.text <- string(text)
	}()
	return d
}

// statsReceived is what a daemon makes of its lines.
type statsReceived struct {
	timings   float64 // scaled
	unsampled float64 // timings without a rate
	sum       float64 // of the counter, scaled
}

func (d *statsDaemon) received(t *testing.T) (got statsReceived) {
	lines := bufio.NewScanner(strings.NewReader(<-d.text))
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "|")
		name, text, ok := strings.Cut(fields[0], ":")
		require.True(t, ok, lines.Text())
		value, err := strconv.ParseFloat(text, 64)
		require.NoError(t, err)
		rate := 1.0
		if len(fields) > 2 {
			rate, err = strconv.ParseFloat(strings.TrimPrefix(fields[2], "@"), 64)
			require.NoError(t, err)
		}
		switch {
		case name == "call" && fields[1] == "ms":
			got.timings += 1 / rate
			if rate == 1 {
				got.unsampled++
			}
		case name == "call.bytes" && fields[1] == "c":
			got.sum += value / rate
		default:
			t.Errorf("not sent by this test: %q", lines.Text())
		}
	}
	return got
}
