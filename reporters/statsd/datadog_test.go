package statsd

import (
	"errors"
	"io/fs"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAddressFromTheEnvironment(t *testing.T) {
	variables := []string{"DD_DOGSTATSD_URL", "DD_AGENT_HOST", "DD_DOGSTATSD_PORT", "STATSD_HOST", "STATSD_PORT"}
	for _, c := range []struct {
		set  string
		want string // or the error
	}{
		{"", "udp://localhost:8125"},
		{"DD_AGENT_HOST=agent", "udp://agent:8125"},
		{"DD_AGENT_HOST=10.0.0.1 DD_DOGSTATSD_PORT=9", "udp://10.0.0.1:9"},
		{"DD_AGENT_HOST=::1 DD_DOGSTATSD_PORT=9", "udp://[::1]:9"},
		{"DD_AGENT_HOST=::1", "udp://[::1]:8125"},
		{"DD_AGENT_HOST=agent:77 DD_DOGSTATSD_PORT=9", "udp://agent:77"},
		{"DD_AGENT_HOST=unix:///run/s.sock DD_DOGSTATSD_PORT=9", "unix:///run/s.sock"},
		{"DD_DOGSTATSD_PORT=9", "udp://localhost:9"},
		{"DD_DOGSTATSD_URL=unix:///run/s.sock DD_AGENT_HOST=agent STATSD_HOST=other", "unix:///run/s.sock"},
		{"DD_DOGSTATSD_URL=udp://agent:1", "udp://agent:1"},
		{"DD_DOGSTATSD_URL=unixstream:///run/s.sock", "unixstream:///run/s.sock"},
		{"DD_AGENT_HOST=agent STATSD_HOST=other STATSD_PORT=1", "udp://agent:8125"},
		{"STATSD_HOST=other", "udp://other:8125"},
		{"STATSD_HOST=other STATSD_PORT=1", "udp://other:1"},
		{"STATSD_PORT=1", "udp://localhost:1"},
		{"DD_AGENT_HOST=agent DD_DOGSTATSD_PORT=x", "want a port from 1 to 65535 (from DD_AGENT_HOST and DD_DOGSTATSD_PORT)"},
		{"STATSD_PORT=0", "(from STATSD_PORT)"},
		{`DD_DOGSTATSD_URL=\\.\pipe\x`, "(from DD_DOGSTATSD_URL)"},
	} {
		t.Run(c.set, func(t *testing.T) {
			for _, v := range variables {
				t.Setenv(v, "")
			}
			for pair := range strings.FieldsSeq(c.set) {
				name, value, _ := strings.Cut(pair, "=")
				t.Setenv(name, value)
			}
			e, err := parseAddress("")
			if err != nil {
				assert.ErrorContains(t, err, c.want)
				return
			}
			assert.Equal(t, c.want, e.String())
			e, err = parseAddress("127.0.0.1:1")
			require.NoError(t, err)
			assert.Equal(t, "udp://127.0.0.1:1", e.String(), "what the program says counts")
		})
	}
}

func TestTagsFromTheEnvironment(t *testing.T) {
	t.Setenv("DD_ENV", "prod")
	t.Setenv("DD_SERVICE", "shop|x")
	t.Setenv("DD_VERSION", "1.2")
	t.Setenv("DD_ENTITY_ID", "pod")
	send := func(o *Options, attrs ...slog.Attr) string {
		var n network
		h := open(t, &n, "127.0.0.1:8125", o)
		handle(t, h, countRecord("a", 1, attrs...))
		return strings.Join(sent(t, h, &n), " ")
	}
	assert.Equal(t, "a:1|c|#env:prod,service:shop_x,version:1.2,dd.internal.entity_id:pod", send(&Options{Dialect: DogStatsD}))
	assert.Equal(t, "a:1|c|#env:prod,service:mine,version:1.2,dd.internal.entity_id:pod",
		send(&Options{Dialect: DogStatsD, Tags: []slog.Attr{slog.String("service", "mine")}}), "what the program says counts")
	o := &Options{Dialect: DogStatsD, TagKeys: []string{"version"}}
	assert.Equal(t, "a:1|c|#env:prod,service:shop_x,dd.internal.entity_id:pod,version:1.2", send(o))
	assert.Equal(t, "a:1|c|#env:prod,service:shop_x,dd.internal.entity_id:pod,version:2", send(o, slog.Int("version", 2)))
	assert.Equal(t, "a:1|c", send(&Options{Dialect: InfluxDB}), "the variables are DataDog's")
}

func TestContainerID(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("containers are Linux'")
	}
	const id = "34dc0b5e626f2c5c4c5170e34b10e7654ce36f0fcd532739f4445baabea03376"
	const group = "/sys/fs/cgroup/"
	for name, c := range map[string]struct {
		cgroup, mounts string
		inodes         map[string]uint64
		want           string
	}{
		"none":       {"", "", nil, ""},
		"host":       {"0::/init.scope\n", "", map[string]uint64{group + "/init.scope": 1}, ""},
		"docker, v1": {"13:name=systemd:/docker/" + id + "\n12:pids:/docker/" + id + "\n", "", nil, id},
		"kubernetes": {"1:name=systemd:/kubepods.slice/kubepods-burstable.slice/kubepods-pod1.slice/cri-containerd-" + id + ".scope\n", "", nil, id},
		"ECS":        {"9:perf_event:/ecs/haissam-ecs/5a0d5ceddf6c44c1928d367a815d890f/5a0d5ceddf6c44c1928d367a815d890f-1234567890\n", "", nil, "5a0d5ceddf6c44c1928d367a815d890f-1234567890"},
		"Foundry":    {"1:name=systemd:/system.slice/garden.service/garden/6f265890-5165-7fab-6b52-18d1\n", "", nil, "6f265890-5165-7fab-6b52-18d1"},
		"v2 mounts": {"0::/\n", "1 2 0:1 / / rw - overlay overlay rw\n" +
			"608 554 0:42 /var/lib/docker/containers/" + id + "/resolv.conf /etc/other rw\n" +
			"609 554 0:42 /var/lib/docker/containers/" + id + "/hostname /etc/hostname rw,relatime - ext4 /dev/x rw\n", nil, id},
		"v2 inode":    {"0::/\n", "", map[string]uint64{group + "/": 4026}, "in-4026"},
		"v1 inode":    {"4:memory:/x\n0::/y\n", "", map[string]uint64{group + "memory/x": 77}, "in-77"},
		"not a group": {"nonsense\n:\n::\n", "nonsense\n", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			read := func(path string) ([]byte, error) {
				switch {
				case path == "/proc/self/cgroup" && c.cgroup != "":
					return []byte(c.cgroup), nil
				case path == "/proc/self/mountinfo" && c.mounts != "":
					return []byte(c.mounts), nil
				}
				return nil, fs.ErrNotExist
			}
			assert.Equal(t, c.want, containerID(read, func(path string) uint64 { return c.inodes[path] }))
		})
	}
}

func TestCgroupInode(t *testing.T) {
	assert.Zero(t, cgroupInode(t.TempDir()+"/none"))
	if runtime.GOOS == "linux" {
		assert.NotZero(t, cgroupInode(t.TempDir()))
	}
}

// Each line has the origin behind its tags.
func TestOriginField(t *testing.T) {
	t.Setenv("DD_EXTERNAL_ENV", "it-false,cn-shop|x\n")
	for _, how := range []string{"option", "environment"} {
		var n network
		o := &Options{Dialect: DogStatsD, OriginDetection: how == "option", TagKeys: []string{"k"}, Timestamps: true, ClientTelemetry: true}
		if how == "environment" {
			t.Setenv("DD_ORIGIN_DETECTION_ENABLED", "true")
		}
		h := open(t, &n, "127.0.0.1:8125", o)
		handle(t, h, timingRecord("t", time.Millisecond, slog.Int("k", 1)), gaugeRecord("g", -1))
		for _, line := range linesOf(sent(t, h, &n)) {
			assert.Regexp(t, `^(t:1\|ms\|#k:1|g:0\|g|g:-1\|g)(\|c:[0-9a-z-]+)?\|e:it-false,cn-shop_x_(\|T[0-9]+)?$`, line)
		}
	}
	t.Setenv("DD_ORIGIN_DETECTION_ENABLED", "false")
	var n network
	h := open(t, &n, "127.0.0.1:8125", &Options{Dialect: DogStatsD})
	handle(t, h, countRecord("c", 1))
	assert.Equal(t, []string{"c:1|c"}, sent(t, h, &n))
}

// Counters and gauges bear the time of their last event, never one twice.
func TestTimestamps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now().Unix()
		n := network{refuse: errors.New("refused")}
		h := open(t, &n, "unixgram:///run/s.sock", &Options{Dialect: DogStatsD, Timestamps: true, Sets: []string{"s"}})
		handle(t, h, countRecord("c", 1), gaugeRecord("g", -2), timingRecord("t", time.Millisecond), histogramRecord("h", 1))
		time.Sleep(100 * time.Second)
		handle(t, h, gaugeRecord("late", 1))
		time.Sleep(100 * time.Second)
		n.set(func() { n.refuse = nil })
		time.Sleep(10 * time.Second)
		synctest.Wait()
		stamp := func(line string, after int64) string { return line + "|T" + itoa(begin+after) }
		assert.ElementsMatch(t, []string{stamp("c:1|c", 0), "g:0|g", stamp("g:-2|g", 0), stamp("late:1|g", 100), "t:1|ms", "h:1|h"}, linesOf(n.take()))
		handle(t, h, countRecord("c", 1))
		require.NoError(t, h.Flush(t.Context()))
		handle(t, h, countRecord("c", 1))
		require.NoError(t, h.Flush(t.Context()))
		assert.Equal(t, []string{stamp("c:1|c", 210), stamp("c:1|c", 211)}, linesOf(n.take()))
	})
}

func itoa(n int64) string { return slog.Int64Value(n).String() }

func TestClientTelemetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		h := open(t, &n, "127.0.0.1:8125", &Options{Dialect: DogStatsD, ClientTelemetry: true, Prefix: "app", Tags: []slog.Attr{slog.String("env", "x")}})
		handle(t, h, countRecord("c", 1), countRecord("c", 1), gaugeRecord("g", 1))
		time.Sleep(5 * time.Second)
		synctest.Wait()
		first := n.take()
		require.Len(t, first, 1)
		for round := range 2 {
			time.Sleep(10 * time.Second)
			synctest.Wait()
			all := strings.Join(linesOf(n.take()), "\n")
			if round == 0 {
				assert.Contains(t, all, "datadog.dogstatsd.client.metrics:3|c|#env:x,client:slogtel,client_version:")
				assert.Contains(t, all, "datadog.dogstatsd.client.packets_sent:1|c|#")
				assert.Contains(t, all, "datadog.dogstatsd.client.bytes_sent:"+itoa(int64(len(first[0])))+"|c|#")
			} else {
				assert.Contains(t, all, "datadog.dogstatsd.client.metrics:0|c|#", "what was since the last time")
			}
			assert.Contains(t, all, ",client_transport:udp\n")
			assert.Equal(t, 8, strings.Count(all, "datadog.dogstatsd.client."))
			for line := range strings.SplitSeq(all, "\n") {
				_, err := parseLine(DogStatsD, line)
				assert.NoError(t, err)
			}
		}
		assert.EqualValues(t, 3, h.Stats().Events(), "they are no events")
	})
}

func TestOptionsOfOneDialect(t *testing.T) {
	for _, o := range []Options{{Timestamps: true}, {OriginDetection: true}, {ClientTelemetry: true}} {
		_, err := New("127.0.0.1:8125", &o)
		assert.ErrorContains(t, err, "is for DogStatsD, not for plain")
	}
}
