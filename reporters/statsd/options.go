package statsd

import (
	"cmp"
	"fmt"
	"log/slog"
	"time"
)

// Options configure [New]. The zero value is good for Etsy's daemon.
type Options struct {
	// Dialect is the form of the protocol that the daemon speaks.
	Dialect Dialect

	// Prefix goes before each name, with a dot between.
	Prefix string

	// Tags are on every metric. Groups become keys of the form group.key.
	Tags []slog.Attr

	// TagKeys are the attributes that become tags, at most 32; one in a group is
	// group.key. Each combination of values is a series of its own at the daemon: list
	// what has few values, never an id. The key "error" is special: it gives each
	// timing a tag error:true or error:false. A tag that is both here and in Tags has
	// the value of the latter on events without that attribute. An event with more than
	// six of these costs an allocation.
	TagKeys []string

	// FoldTags puts tags into the name where the dialect has none:
	// prefix.scope.key.value. Otherwise they are counted in Stats.DroppedTags.
	FoldTags bool

	// SampleRates are the shares of events that are sent. Those of a sampling handler
	// before this one need not be given again: its records tell.
	SampleRates SampleRates

	// HistogramType is the type under which histograms are sent: "h", "d" (DataDog's
	// distributions) or "ms". Empty is the dialect's own: h for DogStatsD and InfluxDB,
	// ms for the others, whose daemons have no type but that for a distribution.
	HistogramType string

	// PackValues sends the timings and histograms of an interval as lists of values,
	// name:1:2:3|ms, which takes less room. It is for DogStatsD only; DataDog's agent
	// since 7.25 and statsd_exporter understand it, telegraf does not, and the
	// OpenTelemetry Collector drops such a metric without a word.
	PackValues bool

	// AbsoluteGauges is for a daemon that takes a signed number for the value of a
	// gauge and not for a change of it, as DataDog's agent does: no zero is sent
	// before a negative value.
	AbsoluteGauges bool

	// Sets are the metrics of which the daemon counts how many different values there
	// are: tel.Metric(ctx, "users", id) with the path of the metric here is a member of
	// a set, whose value may be text. A path is the whole name with its scope, without
	// Prefix; *.users is any that ends in .users, and users itself. Each member is sent
	// once an interval. statsd_exporter has no sets, and drops them.
	Sets []string

	// GaugeDeltas are the gauges, in the form of Sets, whose values are changes and not
	// the value itself: tel.Gauge(ctx, "open", -1) is open:-1|g. With AbsoluteGauges,
	// where the daemon has no changes, the handler adds them up, from zero on.
	GaugeDeltas []string

	// Timestamps puts the time of the last event on each counter and gauge, |T1656581400,
	// so that values delayed by an outage are shown at their own time. It is for
	// DataDog's agent since 7.40 only, which does not add up such values: no
	// two processes may send the same series.
	Timestamps bool

	// OriginDetection tells DataDog's agent, since 7.35, which container the metrics
	// come from, so that it adds the container's tags: |c:id, and |e: with what
	// DD_EXTERNAL_ENV holds. The agent needs no help where it can ask the kernel, over a
	// Unix socket. Other daemons do not know the fields: statsd_exporter makes a label of
	// the one, and drops lines with the other. It is on as well when the environment
	// has DD_ORIGIN_DETECTION_ENABLED=true, and DD_ENTITY_ID works without it.
	OriginDetection bool

	// ClientTelemetry sends every ten seconds what DataDog's clients say of themselves,
	// datadog.dogstatsd.client.packets_sent and the like. It is for DogStatsD.
	ClientTelemetry bool

	// MaxPacketSize is the limit for a packet in bytes, from 128 to 65507. 0 is 1432
	// for UDP, which passes any usual network in one piece, and 8192 for the others.
	MaxPacketSize int

	// FlushInterval is how long an event may wait for others. By UDP, more than 32
	// packets leave evenly over one interval more. 0 is one second: a tenth
	// of the interval at which daemons flush, so that few values come too late for
	// theirs, and long enough to sum the counters of a busy service.
	FlushInterval time.Duration

	// MaxSeries is the number of series (kind, name, values of tags, sample rate) known at a time.
	// Events of one more are counted in Stats.Overflowed. 0 is 10 000.
	MaxSeries int

	// QueueSize is the number of timings and histogram values that may wait for the
	// socket; counters and gauges are merged and need no queue. 0 is 65 536, which is
	// 1.2 MB when they all wait.
	QueueSize int

	// WriteTimeout is how long one write to a stream or Unix socket may make no
	// progress until a new connection is tried. 0 is 30 seconds.
	WriteTimeout time.Duration

	// ResolveInterval is the time between two look-ups of the host's name. A lost
	// connection and refused packets cause one as well. 0 is one minute.
	ResolveInterval time.Duration

	// Lookup resolves the host's name. It should return when its context is done. Nil
	// is that of net.DefaultResolver.
	Lookup LookupFunc

	// OnError is told of failures to resolve, connect and send, and of losses: at most
	// once a minute, with the number of errors held back, and on a goroutine of its
	// own. A panic in it is swallowed. When nil, errors are logged through
	// slog.Default(). [Handler.Stats] counts them either way.
	OnError func(error)
}

// SampleRates are the shares of timings, counters and histograms that are sent, over
// 0 and up to 1; 0 is 1, all of them. The daemon is told the share and scales the
// counts back. A gauge has none, because only its last value counts.
type SampleRates struct {
	Timing, Counter, Histogram float64
}

// withDefaults checks the options, and returns them with nothing left to default.
func (o *Options) withDefaults() (Options, error) {
	if o == nil {
		o = &Options{}
	}
	c := *o
	if int(c.Dialect) >= len(dialects) {
		return c, fmt.Errorf("statsd: unknown Dialect %d", c.Dialect)
	}
	d := &dialects[c.Dialect]
	switch c.HistogramType {
	case "":
		c.HistogramType = d.histogram
	case "h", "d", "ms":
	default:
		return c, fmt.Errorf("statsd: unknown HistogramType %.20q", c.HistogramType)
	}
	for _, option := range []struct {
		name string
		on   bool
	}{
		{"PackValues", c.PackValues}, {"Timestamps", c.Timestamps},
		{"OriginDetection", c.OriginDetection}, {"ClientTelemetry", c.ClientTelemetry},
	} {
		if option.on && c.Dialect != DogStatsD {
			return c, fmt.Errorf("statsd: %s is for DogStatsD, not for %v", option.name, c.Dialect)
		}
	}
	if c.Dialect == DogStatsD {
		c.OriginDetection = c.OriginDetection || originWanted()
	}
	for _, rate := range []*float64{&c.SampleRates.Timing, &c.SampleRates.Counter, &c.SampleRates.Histogram} {
		if *rate == 0 {
			*rate = 1
		}
		if !(minRate <= *rate && *rate <= 1) {
			return c, fmt.Errorf("statsd: sample rate %v, want 0.000001 to 1", *rate)
		}
	}
	return c, cmp.Or(
		setDefault("MaxSeries", &c.MaxSeries, 10_000),
		setDefault("QueueSize", &c.QueueSize, 1<<16),
		setDefault("FlushInterval", &c.FlushInterval, time.Second),
		setDefault("WriteTimeout", &c.WriteTimeout, 30*time.Second),
		setDefault("ResolveInterval", &c.ResolveInterval, time.Minute),
	)
}

func setDefault[T int | time.Duration](name string, value *T, byDefault T) error {
	if *value < 0 {
		return fmt.Errorf("statsd: %s is negative", name)
	}
	*value = cmp.Or(*value, byDefault)
	return nil
}
