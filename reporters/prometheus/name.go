package prometheus

import (
	"strings"
	"unicode/utf8"
)

// unnamed is the name of an event whose path is empty.
const unnamed = "unnamed"

// metricName returns the name of a metric: prefix ends in an underscore, or is empty; unit is a word,
// or empty. What is not clean in path stays if keep is set.
//
// No name ends like one of the series that a histogram consists of. So no metric of
// ours can collide with a histogram of others.
func metricName(prefix string, k kind, path, unit string, keep bool) string {
	if path == "" {
		path = unnamed
	}
	name := prefix + path
	if !keep {
		name = validStart(prefix + clean(path))
	}
	if unit != "" && !(k == counter && strings.HasSuffix(name, unit+totalSuffix)) {
		name = withSuffix(name, "_"+unit)
	}
	if k == counter {
		return withSuffix(name, totalSuffix)
	}
	for _, s := range [...]string{totalSuffix, countSuffix, sumSuffix, bucketSuffix, "_created"} {
		if strings.HasSuffix(name, s) {
			return name + "_value"
		}
	}
	return name
}

const (
	totalSuffix  = "_total"
	errorsSuffix = "_errors_total" // behind the name of a timing
	countSuffix  = "_count"
	sumSuffix    = "_sum"
	bucketSuffix = "_bucket"
)

func withSuffix(name, suffix string) string {
	if strings.HasSuffix(name, suffix) {
		return name
	}
	return name + suffix
}

// labelName returns the name of the label for an attribute. Names that begin with
// two underscores are Prometheus' own; le and quantile mean something in the
// series of a histogram or summary.
func labelName(key string) string {
	name := clean(key)
	if strings.HasPrefix(name, "__") {
		name = "_" + strings.TrimLeft(name, "_")
	}
	if name == "le" || name == "quantile" {
		return "exported_" + name
	}
	return validStart(name)
}

// utf8LabelName is labelName where all of UTF-8 is allowed.
func utf8LabelName(key string) string {
	name := strings.ToValidUTF8(key, "\uFFFD")
	if short := strings.TrimLeft(name, "_"); len(name)-len(short) > 1 {
		name = "_" + short
	}
	if name == "le" || name == "quantile" {
		return "exported_" + name
	}
	return name
}

// validStart returns a clean name that does not begin with a digit.
func validStart(name string) string {
	if '0' <= name[0] && name[0] <= '9' {
		return "_" + name
	}
	return name
}

// clean returns text with an underscore for each character that is no ASCII letter,
// digit or underscore. A colon is valid in a metric's name, but is left to
// recording rules.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '_':
			return r
		}
		return '_'
	}, text)
}

// maxLabel is how many bytes of a label's value are kept.
const maxLabel = 200

// appendLabel appends a label's value: at most maxLabel bytes, and U+FFFD for each
// byte that is not UTF-8. It reports whether it cut text off.
func appendLabel(dst []byte, text string) (_ []byte, cut bool) {
	if len(text) <= maxLabel && utf8.ValidString(text) {
		return append(dst, text...), false
	}
	start := len(dst)
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if len(dst)-start+utf8.RuneLen(r) > maxLabel {
			return dst, true
		}
		dst = utf8.AppendRune(dst, r)
		i += size
	}
	return dst, false
}

// units are the words for units of UCUM, as OpenTelemetry translates them for Prometheus
// (opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics).
var units = map[string]string{
	"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds", "min": "minutes", "h": "hours", "d": "days",
	"bit": "bits", "By": "bytes", "kBy": "kilobytes", "MBy": "megabytes", "GBy": "gigabytes", "TBy": "terabytes",
	"KiBy": "kibibytes", "MiBy": "mebibytes", "GiBy": "gibibytes", "TiBy": "tebibytes",
	"m": "meters", "g": "grams", "V": "volts", "A": "amperes", "J": "joules", "W": "watts", "Hz": "hertz", "Cel": "celsius", "%": "percent",
}

// per are the words for what comes behind a slash.
var per = map[string]string{"s": "second", "min": "minute", "h": "hour", "d": "day", "m": "meter"}

// maxUnit is the length of the longest unit.
const maxUnit = 63

// unitWord returns what stands for a unit in a name: letters, digits and underscores, or nothing
// where the unit says nothing, as 1 and {request} do. A gauge without dimension is a ratio.
func unitWord(unit string, k kind) string {
	switch {
	case k == timing || k == duration:
		return "seconds"
	case unit == "1" && k == gauge:
		return "ratio"
	case unit == "" || unit == "1" || len(unit) > maxUnit:
		return ""
	}
	of, by, divided := strings.Cut(annotation(unit), "/")
	word := translate(of, units)
	if divided && by != "" {
		word = strings.TrimPrefix(word+"_per_"+translate(by, per), "_")
	}
	return word
}

func translate(unit string, words map[string]string) string {
	if w, ok := words[unit]; ok {
		return w
	}
	return strings.Trim(clean(unit), "_")
}

// annotation returns unit without what is in braces.
func annotation(unit string) string {
	for {
		before, rest, found := strings.Cut(unit, "{")
		if !found {
			return unit
		}
		_, after, _ := strings.Cut(rest, "}")
		unit = before + after
	}
}
