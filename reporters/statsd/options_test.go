package statsd

import (
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1:8125":                "udp://127.0.0.1:8125",
		"udp://127.0.0.1:8125":          "udp://127.0.0.1:8125",
		"tcp://statsd.example:1":        "tcp://statsd.example:1",
		"[::1]:8125":                    "udp://[::1]:8125",
		"[fe80::1%eth0]:8125":           "udp://[fe80::1%eth0]:8125",
		":8125":                         "udp://localhost:8125",
		"unixgram:///var/run/s.sock":    "unixgram:///var/run/s.sock",
		"unix:///var/run/s.sock":        "unix:///var/run/s.sock",
		"unix://relative.sock":          "unix://relative.sock",
		"unixstream:///run/s.sock":      "unixstream:///run/s.sock",
		"localhost":                     "udp://localhost:8125",
		"127.0.0.1":                     "udp://127.0.0.1:8125",
		"::1":                           "udp://[::1]:8125",
		"[::1]":                         "udp://[::1]:8125",
		"tcp://statsd.example":          "tcp://statsd.example:8125",
		"":                              "udp://localhost:8125",
		"udp://statsd.example.com:8125": "udp://statsd.example.com:8125",
	} {
		e, err := parseAddress(address)
		require.NoError(t, err, address)
		assert.Equal(t, want, e.String())
	}
	for _, address := range []string{
		"http://127.0.0.1:1", "udp:127.0.0.1:8125", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:-1",
		"127.0.0.1:statsd", "udp://", "unix://", "unixgram://", "unixstream://", "tcp://[host", "a b:1", "a b", "::1:8125x", "unix:///a\x00b", "x://y:1",
		strings.Repeat("a", 1<<20),
	} {
		_, err := New(address, nil)
		require.Error(t, err, "%.50q", address)
		assert.Less(t, len(err.Error()), 400)
	}
}

func TestNamed(t *testing.T) {
	for address, want := range map[string]bool{"127.0.0.1:1": false, "[::1]:1": false, "[fe80::1%eth0]:1": false, "localhost:1": true, "unix:///x": false} {
		e, err := parseAddress(address)
		require.NoError(t, err)
		assert.Equal(t, want, e.named(), address)
	}
}

func TestBadOptions(t *testing.T) {
	for want, o := range map[string]Options{
		"unknown Dialect 9":         {Dialect: 9},
		"unknown HistogramType":     {HistogramType: "c"},
		"PackValues is for":         {PackValues: true},
		"sample rate 2":             {SampleRates: SampleRates{Timing: 2}},
		"sample rate -1":            {SampleRates: SampleRates{Counter: -1}},
		"sample rate NaN":           {SampleRates: SampleRates{Histogram: math.NaN()}},
		"MaxSeries is negative":     {MaxSeries: -1},
		"QueueSize is negative":     {QueueSize: -1},
		"FlushInterval is neg":      {FlushInterval: -1},
		"WriteTimeout is neg":       {WriteTimeout: -time.Second},
		"ResolveInterval is":        {ResolveInterval: -time.Second},
		"MaxPacketSize is 127":      {MaxPacketSize: 127},
		"MaxPacketSize is 65508":    {MaxPacketSize: 65508},
		"leave no room":             {Prefix: strings.Repeat("p", 1000)},
		"and Tags leave no room":    {MaxPacketSize: 128, Dialect: DogStatsD, Tags: []slog.Attr{slog.String("k", strings.Repeat("v", 100))}},
		"33 TagKeys, more than 32":  {TagKeys: make([]string, 33)},
		"TagKeys[0] is empty":       {TagKeys: []string{""}},
		`"scope" is part of`:        {TagKeys: []string{"a", "scope"}},
		`both become the tag "a_b"`: {TagKeys: []string{"a b", "a_b"}},
	} {
		_, err := New("127.0.0.1:8125", &o)
		assert.ErrorContains(t, err, want)
	}
}

func TestOptionsAreCopied(t *testing.T) {
	var n network
	o := Options{Dialect: DogStatsD, TagKeys: []string{"a"}, Tags: []slog.Attr{slog.Int("c", 1)}}
	h := open(t, &n, "127.0.0.1:8125", &o)
	o.TagKeys[0], o.Tags[0], o.Prefix = "b", slog.Int("d", 2), "changed"
	handle(t, h, countRecord("x", 1, slog.Int("a", 1), slog.Int("b", 2)))
	assert.Equal(t, []string{"x:1|c|#c:1,a:1"}, sent(t, h, &n))
	assert.Zero(t, o.FlushInterval, "and not changed")
}

func TestPrefix(t *testing.T) {
	for prefix, want := range map[string]string{"": "x", "a": "a.x", "a.": "a.x", "a.b": "a.b.x", "a:b|c\n": "a_b_c_.x", "é": "_.x"} {
		var n network
		h := open(t, &n, "127.0.0.1:8125", &Options{Prefix: prefix})
		handle(t, h, countRecord("x", 1))
		assert.Equal(t, []string{want + ":1|c"}, sent(t, h, &n))
	}
}

func TestConstantTagsWithoutValue(t *testing.T) {
	var n network
	h := open(t, &n, "127.0.0.1:8125", &Options{Dialect: DogStatsD, Tags: []slog.Attr{slog.String("version", ""), slog.String("", "x"), slog.Group("g")}})
	handle(t, h, countRecord("x", 1))
	assert.Equal(t, []string{"x:1|c"}, sent(t, h, &n))
	assert.EqualValues(t, 2, h.Stats().DroppedTags)
}

func TestDialectNames(t *testing.T) {
	assert.Equal(t, "DogStatsD", DogStatsD.String())
	assert.Equal(t, "unknown dialect", Dialect(200).String())
}
