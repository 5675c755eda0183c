package statsd

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

// A dialect writes what is around the value of a metric.
type dialect struct {
	name      string
	tags      bool   // has tags
	colon     bool   // a tag's value may have a colon
	histogram string // type of a histogram

	// appendHead appends what comes before the value, appendTail what comes after it.
	// Names and tags are clean already.
	appendHead func(dst []byte, name string, tags []tag) []byte
	appendTail func(dst []byte, typ, rate string, tags []tag) []byte
}

// A tag is a key and value, both clean.
type tag struct{ key, value string }

var dialects = [...]dialect{
	Plain:     {"plain", false, false, "ms", appendFoldedHead, appendPlainTail},
	DogStatsD: {"DogStatsD", true, true, "h", appendDogStatsDHead, appendDogStatsDTail},
	InfluxDB:  {"InfluxDB", true, false, "h", appendInfluxDBHead, appendPlainTail},
	Graphite:  {"Graphite", true, false, "ms", appendGraphiteHead, appendPlainTail},
	SignalFX:  {"SignalFX", true, false, "ms", appendSignalFXHead, appendPlainTail},
}

// The plain protocol, as https://github.com/statsd/statsd/blob/master/docs/metric_types.md
// has it:
//
//	name:value|type|@rate

// appendFoldedHead appends the tags to the name as two segments each. The dots in
// them become underscores, so that each name has as many segments as the next one.
func appendFoldedHead(dst []byte, name string, tags []tag) []byte {
	dst = append(dst, name...)
	for _, t := range tags {
		dst = appendSegment(append(dst, '.'), t.key)
		dst = appendSegment(append(dst, '.'), t.value)
	}
	return append(dst, ':')
}

// appendSegment appends text as one segment of a name.
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

func appendPlainTail(dst []byte, typ, rate string, _ []tag) []byte {
	dst = append(append(dst, '|'), typ...)
	if rate != "" {
		dst = append(append(dst, "|@"...), rate...)
	}
	return dst
}

// The protocol of DataDog's agent, version 1.1 of
// https://docs.datadoghq.com/developers/dogstatsd/datagram_shell/:
//
//	name:value:value|type|@rate|#key:value,key:value
//
// More than one value is sent only when [Options.PackValues] is on.

func appendDogStatsDHead(dst []byte, name string, _ []tag) []byte {
	return append(append(dst, name...), ':')
}

func appendDogStatsDTail(dst []byte, typ, rate string, tags []tag) []byte {
	dst = appendPlainTail(dst, typ, rate, nil)
	for i, t := range tags {
		if i == 0 {
			dst = append(dst, "|#"...)
		} else {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, t.key...), ':'), t.value...)
	}
	return dst
}

// The protocol of Telegraf's statsd input,
// https://github.com/influxdata/telegraf/blob/master/plugins/inputs/statsd/README.md:
//
//	name,key=value,key=value:value|type|@rate

func appendInfluxDBHead(dst []byte, name string, tags []tag) []byte {
	dst = append(dst, name...)
	for _, t := range tags {
		dst = append(append(append(append(dst, ','), t.key...), '='), t.value...)
	}
	return append(dst, ':')
}

// Graphite's form of a tagged name, https://graphite.readthedocs.io/en/latest/tags.html,
// which Etsy's StatsD lets pass as a name and hands on to Graphite:
//
//	name;key=value;key=value:value|type|@rate

func appendGraphiteHead(dst []byte, name string, tags []tag) []byte {
	dst = append(dst, name...)
	for _, t := range tags {
		dst = append(append(append(append(dst, ';'), t.key...), '='), t.value...)
	}
	return append(dst, ':')
}

// SignalFx's form of dimensions,
// https://docs.splunk.com/observability/en/gdi/monitors-monitoring/statsd.html:
//
//	name[key=value,key=value]:value|type|@rate

func appendSignalFXHead(dst []byte, name string, tags []tag) []byte {
	dst = append(dst, name...)
	for i, t := range tags {
		if i == 0 {
			dst = append(dst, '[')
		} else {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, t.key...), '='), t.value...)
	}
	if len(tags) > 0 {
		dst = append(dst, ']')
	}
	return append(dst, ':')
}
