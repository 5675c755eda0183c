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

// kind is what becomes of an event.
type kind uint8

const (
	timing kind = iota
	counter
	gauge
	histogram
	kinds
)
