package statsd

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/slogtel/telemetry/internal/event"
)

// A Dialect is a form of the StatsD protocol: where the tags go, and which types
// of metric there are.
type Dialect uint8

const (
	// Plain is the protocol of Etsy's StatsD, which all daemons understand. It has no
	// tags; see [Options.FoldTags].
	Plain Dialect = iota
	// DogStatsD puts tags behind the metric: name:1|c|#key:value,key:value.
	DogStatsD
	// InfluxDB puts tags behind the name: name,key=value,key=value:1|c. Telegraf.
	InfluxDB
	// Graphite puts tags behind the name: name;key=value;key=value:1|c. Etsy's StatsD
	// in front of Graphite 1.1 or later.
	Graphite
	// SignalFX puts tags in brackets: name[key=value,key=value]:1|c.
	SignalFX
)

// String returns the dialect's name.
func (d Dialect) String() string {
	if int(d) < len(dialects) {
		return dialects[d].name
	}
	return "unknown dialect"
}

// A dialect says where the tags of a metric go, and what is between them. In all of them a
// line is
//
//	name:value|type|@rate
type dialect struct {
	name      string
	histogram string // type of a histogram
	place     place
	values    *charset // of tag values

	open, next, is, end string // before the first tag, before another one, between key and value, after the last
}

// A place is where tags are.
type place uint8

const (
	inName     place = iota // they are segments of the name, if [Options.FoldTags] is set
	behindName              // before the colon
	behindAll
)

var dialects = [...]dialect{
	// https://github.com/statsd/statsd/blob/master/docs/metric_types.md
	Plain: {"plain", "ms", inName, valueBytes, ".", ".", ".", ""},
	// Version 1.1 of https://docs.datadoghq.com/developers/dogstatsd/datagram_shell/. More than
	// one value, with a colon between, is sent only when [Options.PackValues] is on.
	DogStatsD: {"DogStatsD", "h", behindAll, dogBytes, "|#", ",", ":", ""},
	// https://github.com/influxdata/telegraf/blob/master/plugins/inputs/statsd/README.md
	InfluxDB: {"InfluxDB", "h", behindName, valueBytes, ",", ",", "=", ""},
	// https://graphite.readthedocs.io/en/latest/tags.html: Etsy's StatsD lets such a name pass,
	// and hands it on to Graphite.
	Graphite: {"Graphite", "ms", behindName, valueBytes, ";", ";", "=", ""},
	// https://docs.splunk.com/observability/en/gdi/monitors-monitoring/statsd.html
	SignalFX: {"SignalFX", "ms", behindName, valueBytes, "[", ",", "=", "]"},
}

// A tag is a key and value, both clean.
type tag struct{ key, value string }

// appendHead appends what comes before the value.
func (d *dialect) appendHead(dst []byte, name string, tags []tag) []byte {
	dst = append(dst, name...)
	if d.place != behindAll {
		dst = d.appendTags(dst, tags)
	}
	return append(dst, ':')
}

// appendTail appends what comes after the value.
func (d *dialect) appendTail(dst []byte, typ, rate string, tags []tag) []byte {
	dst = append(append(dst, '|'), typ...)
	if rate != "" {
		dst = append(append(dst, "|@"...), rate...)
	}
	if d.place == behindAll {
		dst = d.appendTags(dst, tags)
	}
	return dst
}

func (d *dialect) appendTags(dst []byte, tags []tag) []byte {
	for i, t := range tags {
		if i == 0 {
			dst = append(dst, d.open...)
		} else {
			dst = append(dst, d.next...)
		}
		if d.place == inName {
			dst = appendSegment(append(appendSegment(dst, t.key), d.is...), t.value)
		} else {
			dst = append(append(append(dst, t.key...), d.is...), t.value...)
		}
	}
	if len(tags) > 0 {
		dst = append(dst, d.end...)
	}
	return dst
}

// appendSegment appends text as one segment of a name: each name has as many of them as
// the next one.
func appendSegment(dst []byte, text string) []byte {
	for i := range len(text) {
		c := text[i]
		if !nameBytes[c] || c == '.' {
			c = '_'
		}
		dst = append(dst, c)
	}
	return dst
}

// A layout makes the series of a handler. It is immutable.
type layout struct {
	keyer
	dialect    *dialect
	prefix     string // with its dot
	constant   []tag
	types      [kinds]string
	max        int    // bytes of a packet, with the newline of its last line
	line       int    // bytes of a line with a common number
	member     int    // bytes of a member of a set
	absolute   bool   // negative gauges need no zero before them
	origin     string // what stands at the end of a line, for the agent to know where it is from
	timestamps bool   // lines of counters and gauges have the time
	unsent     int    // constant tags that this dialect cannot write
}

// init lays out the lines, and returns the tags that an event has unless it says
// otherwise.
func (l *layout) init(o *Options, size int, packets bool) (also foundTags, err error) {
	l.dialect = &dialects[o.Dialect]
	l.values = l.dialect.values
	l.tagless = l.dialect.place == inName && !o.FoldTags
	if l.tags, err = newTagKeys(o.TagKeys); err != nil {
		return also, err
	}
	if l.tags.forms, err = newOwnForms(o.Sets, o.GaugeDeltas); err != nil {
		return also, err
	}
	l.types = [kinds]string{timing: "ms", counter: "c", floatCounter: "c", gauge: "g", delta: "g", set: "s", histogram: o.HistogramType}
	r := &o.SampleRates
	l.rates = [kinds]float64{timing: r.Timing, counter: r.Counter, floatCounter: r.Counter, gauge: 1, delta: 1, set: 1, histogram: r.Histogram}
	l.absolute, l.timestamps = o.AbsoluteGauges, o.Timestamps
	tags := o.Tags
	if o.Dialect == DogStatsD {
		tags = append(envTags(), tags...)
		if o.OriginDetection {
			l.origin = originField()
		}
	}
	l.max = size
	if packets {
		l.max++ // the last newline is not sent
	}
	l.line = min(l.max, maxLine)
	l.member = min(maxTag, l.max/3)
	if o.Prefix != "" {
		l.prefix = clean(o.Prefix, nameBytes, len(o.Prefix))
		if l.prefix[len(l.prefix)-1] != '.' {
			l.prefix += "."
		}
	}
	l.addConstants(&also, "", tags, maxGroupDeep)
	if l.tagless {
		l.unsent += len(l.constant)
		l.constant = nil
	}
	for k := range kinds {
		e := sample{kind: k, Sample: event.Sample{Scope: "long_enough", SampleRate: longestRate / l.rates[k]}}
		key, _ := l.appendKey(nil, &e, new(boundTags))
		if s := l.newSeries(string(key), "_histogram"); s.lost > l.unsent || s.cut {
			return also, fmt.Errorf("statsd: Prefix and Tags leave no room in a packet of %d bytes", size)
		}
	}
	return also, nil
}

// addConstants adds attrs, which are in the groups of path, to the constant tags,
// or to also where they are listed in TagKeys.
func (l *layout) addConstants(also *foundTags, path string, attrs []slog.Attr, deep int) {
	for _, a := range attrs {
		v := a.Value.Resolve()
		if v.Kind() == slog.KindGroup {
			inside := path
			if a.Key != "" {
				inside += a.Key + "."
			}
			if deep > 0 {
				l.addConstants(also, inside, v.Group(), deep-1)
			}
			continue
		}
		key := tagName(path + a.Key)
		if i := l.tags.ByName(key); i >= 0 {
			also.put(i, v)
			continue
		}
		var f foundTags
		f.put(0, v)
		value, _ := f.at(0).appendValue(nil, l.values)
		if key == "" || len(value) == 0 {
			l.unsent++
			continue
		}
		t := tag{key, string(value)}
		if i := slices.IndexFunc(l.constant, func(t tag) bool { return t.key == key }); i >= 0 {
			l.constant[i] = t
			continue
		}
		l.constant = append(l.constant, t)
	}
}

// newSeries lays out the series with this key. What does not fit in a packet is
// left out: tags first, the last ones before the first ones, then the end of the name,
// but not the suffix.
func (l *layout) newSeries(key, suffix string) *series {
	kd, rate, name, own := l.parse(key)
	x := &series{key: key, kind: kd, rate: rate, lost: l.unsent}
	x.plus = kd == delta && !l.absolute
	limit := l.line - maxValue
	if kd == set {
		limit = l.line - l.member
	}
	if l.timestamps {
		limit -= len("|T1234567890")
	}
	if kd == gauge && !l.absolute {
		limit = min(limit, (l.max-maxValue-len("0\n"))/2)
	}
	prefix := l.prefix
	if reserved(prefix + name) {
		prefix = "m" + prefix
	}
	name = prefix + name
	var scratch [2][256]byte
	head, tail := scratch[0][:0], scratch[1][:0]
	size := func(name string, tags []tag) int {
		head = l.dialect.appendHead(head[:0], name, tags)
		tail = l.dialect.appendTail(tail[:0], l.types[kd], rate, tags)
		tail = append(append(tail, l.origin...), '\n')
		return len(head) + len(tail)
	}
	if over := size(name+suffix, nil) - limit; over > 0 {
		name = name[:max(len(prefix)+1, len(name)-over)]
		x.cut = true
	}
	name += suffix
	var kept []tag
	for _, t := range append(l.constant[:len(l.constant):len(l.constant)], own...) {
		kept = append(kept, t)
		if size(name, kept) > limit {
			kept = kept[:len(kept)-1]
			x.cut = true
			x.lost++
		}
	}
	const commonValue = 8
	x.size = size(name, kept) + commonValue
	x.head, x.tail, x.name = string(head), string(tail), name
	if l.dialect.place == inName {
		x.name = strings.TrimSuffix(x.head, ":")
	}
	return x
}
