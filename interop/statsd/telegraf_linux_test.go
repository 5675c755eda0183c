//go:build telegraf

package statsd

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/interop/servers"
	"github.com/slogtel/telemetry/reporters/statsd"
	"github.com/slogtel/telemetry/slogtel"
)

var telegrafProgram = &servers.Program{
	Name: "telegraf", Version: "v1.37.2-statsd",
	Build: servers.GoInstall("github.com/influxdata/telegraf/cmd/telegraf@v1.37.2", "-tags", "custom,inputs.statsd,outputs.file,serializers.json"),
}

const telegrafConfig = `
[agent]
  interval = "500ms"
  flush_interval = "500ms"
  omit_hostname = true
[[inputs.statsd]]
  protocol = "tcp"
  service_address = "127.0.0.1:%d"
  allowed_pending_messages = 1000000
  datadog_extensions = %v
  datadog_distributions = true
[[outputs.file]]
  files = [%q]
  data_format = "json"
`

// Telegraf reads both dialects that it knows.
func TestTelegrafHasEverything(t *testing.T) {
	for _, dialect := range []statsd.Dialect{statsd.DogStatsD, statsd.InfluxDB} {
		t.Run(dialect.String(), func(t *testing.T) {
			path := telegrafProgram.Path(t)
			dir, port := t.TempDir(), testkit.FreePort(t)
			file, config := filepath.Join(dir, "out.json"), filepath.Join(dir, "telegraf.conf")
			require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, telegrafConfig, port, dialect == statsd.DogStatsD, file), 0o644))
			d := servers.Start(t, nil, path, "--config", config)
			address := fmt.Sprintf("127.0.0.1:%d", port)
			eventually(t, func() bool {
				conn, err := net.DialTimeout("tcp", address, time.Second)
				if err == nil {
					_ = conn.Close()
				}
				return err == nil
			}, "telegraf does not listen")

			n := events() / 10 / 32 * 32
			h := open(t, "tcp://"+address, statsd.Options{Dialect: dialect, Prefix: "app", TagKeys: []string{"model"}, QueueSize: n})
			begin := time.Now()
			w := produce(h, n)
			took := time.Since(begin)
			shutdown(t, h)
			w.logSpeed(t, h, took)
			assert.EqualValues(t, n, h.Stats().Sent)

			want := w.totals()
			var got totals
			models := map[string]bool{}
			eventually(t, func() bool {
				got = totals{}
				for _, m := range telegrafMetrics(t, file) {
					switch name := strings.ReplaceAll(m.Name, ".", "_"); name {
					case "app_requests":
						got.requests += m.Fields["value"]
						models[m.Tags["model"]] = true
					case "app_plan":
						got.planned += m.Fields["count"]
						got.planSeconds += m.Fields["sum"] / 1000
					case "app_size":
						got.sizes += m.Fields["count"]
						got.sizeSum += m.Fields["sum"]
					default:
						for g := range got.loads {
							if name == fmt.Sprintf("app_load%d", g) {
								got.loads[g] = m.Fields["value"]
							}
						}
					}
				}
				return got.requests == want.requests && got.planned == want.planned && got.sizes == want.sizes && got.loads == want.loads
			}, "not all has arrived: want %+v", want)
			assert.InEpsilon(t, want.planSeconds, got.planSeconds, 1e-6)
			assert.InEpsilon(t, want.sizeSum, got.sizeSum, 1e-6)
			value := "b_c_d__"
			if dialect == statsd.DogStatsD {
				value = "b_c:d__"
			}
			assert.Equal(t, map[string]bool{"a": true, value: true, "c": true}, models)
			assert.NotContains(t, d.Output(), "E!")
		})
	}
}

type telegrafMetric struct {
	Name   string
	Fields map[string]float64
	Tags   map[string]string
}

func telegrafMetrics(t *testing.T, file string) (all []telegrafMetric) {
	data, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(t, err)
	for line := range strings.Lines(string(data[:strings.LastIndexByte(string(data), '\n')+1])) {
		var m telegrafMetric
		require.NoError(t, json.Unmarshal([]byte(line), &m))
		all = append(all, m)
	}
	return all
}

// telegraf reads the lines of a stream with several goroutines: a zero that comes with
// its negative gauge may be read after it. With time between them the value is what stays.
func TestTelegrafHasNegativeGauges(t *testing.T) {
	path := telegrafProgram.Path(t)
	dir, port := t.TempDir(), testkit.FreePort(t)
	file, config := filepath.Join(dir, "out.json"), filepath.Join(dir, "telegraf.conf")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, telegrafConfig, port, false, file), 0o644))
	d := servers.Start(t, nil, path, "--config", config)
	address := fmt.Sprintf("127.0.0.1:%d", port)
	eventually(t, func() bool {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}, "telegraf does not listen")
	const gauges, rounds = 500, 5
	h := open(t, "tcp://"+address, statsd.Options{Dialect: statsd.InfluxDB, Sets: []string{"s"}})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, h)
	for round := range rounds {
		for i := range gauges {
			tel.Gauge(t.Context(), fmt.Sprintf("load%d", i), float64(-i-1-round))
		}
		require.NoError(t, h.Flush(t.Context()))
		time.Sleep(200 * time.Millisecond) // as between intervals
	}
	tel.Timing(t.Context(), "_e.timing", time.Millisecond)
	tel.Metric(t.Context(), "s", "member")
	shutdown(t, h)
	require.EqualValues(t, gauges*rounds+2, h.Stats().Sent)
	wrong := 0
	eventually(t, func() bool {
		last, others := map[string]float64{}, 0
		for _, m := range telegrafMetrics(t, file) {
			switch {
			case strings.HasPrefix(m.Name, "load"):
				last[m.Name] = m.Fields["value"]
			case m.Name == "m_e_timing" || m.Name == "s":
				others++
			}
		}
		wrong = 0
		for i := range gauges {
			if last[fmt.Sprintf("load%d", i)] != float64(-i-rounds) {
				wrong++
			}
		}
		return wrong == 0 && others >= 2
	}, "gauges are wrong")
	assert.NotContains(t, d.Output(), "E!")
}
