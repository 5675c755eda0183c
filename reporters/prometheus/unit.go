package prometheus

import "strings"

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
