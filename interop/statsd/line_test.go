package statsd

import (
	"context"
	"log/slog"
	"math"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/statsd_exporter/pkg/event"
	"github.com/prometheus/statsd_exporter/pkg/line"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/statsd"
	"github.com/slogtel/telemetry/slogtel"
)

// A reader parses packets as statsd_exporter does.
type reader struct {
	parser                     *line.Parser
	errors                     *prometheus.CounterVec
	samples, tagErrors, tagged prometheus.Counter
	logger                     *slog.Logger
}

func newReader() *reader {
	r := &reader{
		parser:    line.NewParser(),
		errors:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "errors"}, []string{"reason"}),
		samples:   prometheus.NewCounter(prometheus.CounterOpts{Name: "samples"}),
		tagErrors: prometheus.NewCounter(prometheus.CounterOpts{Name: "tag_errors"}),
		tagged:    prometheus.NewCounter(prometheus.CounterOpts{Name: "tags"}),
		logger:    slog.New(slog.DiscardHandler),
	}
	r.parser.EnableDogstatsdParsing()
	r.parser.EnableInfluxdbParsing()
	r.parser.EnableLibratoParsing()
	r.parser.EnableSignalFXParsing()
	return r
}

func (r *reader) read(t *testing.T, packet string) (all []event.Event) {
	for _, l := range strings.Split(packet, "\n") {
		all = append(all, r.parser.LineToEvents(l, *r.errors, r.samples, r.tagErrors, r.tagged, r.logger)...)
	}
	require.Zero(t, testutil.CollectAndCount(r.errors), "%q is a bad line to statsd_exporter", packet)
	require.Zero(t, testutil.ToFloat64(r.tagErrors), "%q has a bad tag to statsd_exporter", packet)
	return all
}

// cleaned is what must become of a text.
func cleaned(text, allowed string, limit int) string {
	var b strings.Builder
	for _, c := range text {
		if c >= 128 || c < '0' && !strings.ContainsRune(allowed, c) || c > '9' && c < 'A' && !strings.ContainsRune(allowed, c) ||
			c > 'Z' && c < 'a' && !strings.ContainsRune(allowed, c) || c > 'z' && !strings.ContainsRune(allowed, c) {
			c = '_'
		}
		b.WriteRune(c)
	}
	return b.String()[:min(limit, b.Len())]
}

// Whatever a name and a tag's value hold, statsd_exporter reads exactly one sample,
// with the name, the type, the value and the tags that it should have. (Graphite's
// tags it does not know.)
func FuzzExporter(f *testing.F) {
	hostile := []string{
		"a.b", "", "x:1|c\nforged:1|c", "x|#a:b", "a,b=c", "a[b=c]", "a]b[", "#a", "é", "\u010a", "\xff\xfe", "_e{1,1}:a|b", "|@0.1",
		"a\r\nb", "1e5", strings.Repeat("long", 500), "http://host:80/a?b=c",
	}
	for i, name := range hostile {
		f.Add(name, hostile[len(hostile)-1-i], float64(i)*1.25-3, uint8(i))
		f.Add(name, "value", float64(i), uint8(0x10+i))
	}
	daemon, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(f, err)
	defer daemon.Close()
	packet := make([]byte, 1<<16)
	f.Fuzz(func(t *testing.T, name, value string, v float64, kind uint8) {
		r := newReader()
		for _, dialect := range []statsd.Dialect{statsd.Plain, statsd.DogStatsD, statsd.InfluxDB, statsd.SignalFX} {
			h, err := statsd.New(daemon.LocalAddr().String(), &statsd.Options{
				Dialect: dialect, Prefix: "app", TagKeys: []string{"key"}, FoldTags: true, MaxPacketSize: 8192, MaxSeries: 1,
			})
			require.NoError(t, err)
			rec := record(name, value, v, kind)
			require.NoError(t, h.Handle(t.Context(), rec))
			require.NoError(t, h.Shutdown(t.Context()))
			s := h.Stats()
			require.EqualValues(t, 1, s.Sent+s.Skipped)
			if s.Skipped == 1 {
				require.True(t, v-v != 0 || kind%4 == 3 && v < 0, "%v has a form", v)
				continue
			}
			require.NoError(t, daemon.SetReadDeadline(time.Now().Add(patientRead)))
			n, _, err := daemon.ReadFrom(packet)
			require.NoError(t, err)
			got := r.read(t, string(packet[:n]))
			checkEvent(t, got, dialect, name, value, v, kind)
		}
	})
}

const patientRead = 30 * time.Second

// sampled is the share of events that sampling has kept, of those of this kind; 0: all.
func sampled(kind uint8) float64 { return [...]float64{0, 0.5, 0.25, 0.125}[kind/4%4] }

// record returns a record as a Telemetry makes it, with a scope that none would let pass.
func record(name, value string, v float64, kind uint8) slog.Record {
	r := slog.NewRecord(time.Now(), slog.LevelInfo, slogtel.MessageMetric, 0)
	r.AddAttrs(slog.String(slogtel.KeyScope, name), slog.Int(slogtel.KeyDepth, 0), slog.String(slogtel.KeyParentScope, ""))
	switch kind % 4 {
	case 0:
		r.AddAttrs(slog.Any(slogtel.KeyMetricType, slogtel.TypeCounter), slog.Int64(slogtel.KeyValue, int64(int32(v))))
	case 1:
		r.AddAttrs(slog.Any(slogtel.KeyMetricType, slogtel.TypeGauge), slog.Float64(slogtel.KeyValue, v))
	case 2:
		var timing slog.Record
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, last{r: &timing})
		tel.Timing(context.Background(), "x", millis(v))
		timing.Attrs(func(a slog.Attr) bool {
			if a.Key == slogtel.KeyDuration {
				r.AddAttrs(a)
			}
			return true
		})
		r.Message = slogtel.MessageTiming
		r.AddAttrs(slog.Any(slogtel.KeyMetricType, slogtel.TypeTiming), slog.Int(slogtel.KeyCallCount, 1))
	case 3:
		r.AddAttrs(slog.Any(slogtel.KeyMetricType, slogtel.TypeHistogram), slog.Float64(slogtel.KeyValue, v))
	}
	r.AddAttrs(slog.String("key", value))
	if rate := sampled(kind); rate != 0 {
		r.AddAttrs(slog.Float64(slogtel.KeySampleRate, rate))
	}
	return r
}

// millis is a duration of whole microseconds that v stands for.
func millis(v float64) time.Duration {
	return time.Duration(math.Abs(math.Mod(v, 1e9))*1000) * time.Microsecond
}

type last struct {
	slog.Handler
	r *slog.Record
}

func (last) Enabled(context.Context, slog.Level) bool { return true }
func (l last) Handle(_ context.Context, r slog.Record) error {
	*l.r = r.Clone()
	return nil
}

func checkEvent(t *testing.T, got []event.Event, dialect statsd.Dialect, name, value string, v float64, kind uint8) {
	const common = "_-./@+%"
	allowed := common
	if dialect == statsd.DogStatsD {
		allowed += ":"
	}
	wantName, wantTags := cleaned(name, "_-.", 1024), map[string]string{}
	if wantName == "" {
		wantName = "unnamed"
	}
	wantName = "app." + wantName
	if text := cleaned(value, allowed, 200); text != "" {
		if dialect == statsd.Plain {
			wantName += ".key." + cleaned(value, "_-", 200)
		} else {
			wantTags["key"] = text
		}
	}
	if kind%4 == 1 && v < 0 {
		require.Len(t, got, 2, "zero and value")
		zero := got[0].(*event.GaugeEvent)
		require.Zero(t, zero.GValue)
		require.False(t, zero.GRelative)
		require.Equal(t, wantName, zero.GMetricName)
		require.Equal(t, wantTags, zero.GLabels)
		got = got[1:]
	}
	times, scale := 1, 1. // an observation is repeated, an increment is scaled
	if rate := sampled(kind); rate != 0 && kind%4 == 0 {
		scale = 1 / rate
	} else if rate != 0 && kind%4 >= 2 {
		times = int(1 / rate)
	}
	require.Len(t, got, times)
	for _, e := range got {
		require.Equal(t, got[0], e)
	}
	require.Equal(t, wantName, got[0].MetricName())
	require.Equal(t, wantTags, got[0].Labels())
	switch e := got[0].(type) {
	case *event.CounterEvent:
		require.EqualValues(t, 0, kind%4)
		require.Equal(t, scale*float64(int32(v)), e.CValue)
	case *event.GaugeEvent:
		require.EqualValues(t, 1, kind%4)
		require.Equal(t, v, e.GValue)
		require.Equal(t, v < 0, e.GRelative)
	case *event.ObserverEvent:
		require.GreaterOrEqual(t, kind%4, uint8(2))
		switch {
		case kind%4 == 2:
			require.InDelta(t, millis(v).Seconds(), e.OValue, 1e-9)
		case dialect == statsd.DogStatsD || dialect == statsd.InfluxDB:
			require.Equal(t, v, e.OValue)
		default: // ms, which the exporter turns into seconds
			require.Equal(t, v/1000, e.OValue)
		}
	}
}
