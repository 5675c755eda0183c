package console

import (
	"log/slog"

	"github.com/slogtel/telemetry/internal/humanize"
	"github.com/slogtel/telemetry/slogtel"
)

// summary is a telemetry.summary record. Its floats are in the order of summaryKeys.
type summary struct {
	scope, parent string
	typ           slogtel.MetricType
	count, errors int64
	floats        [len(summaryKeys)]float64
	has           [len(summaryKeys)]bool
}

// The floats of a summary.
var summaryKeys = [...]string{slogtel.KeyInterval, slogtel.KeySum, slogtel.KeyLast, slogtel.KeyRate, slogtel.KeyQuantileError,
	slogtel.KeyP90, slogtel.KeyMin, slogtel.KeyMean, slogtel.KeyP50, slogtel.KeyP95, slogtel.KeyP99, slogtel.KeyMax}

// Indexes of summaryKeys.
const (
	summaryInterval = iota
	summarySum
	summaryLast
	summaryRate
	summaryError
	summaryP90
	summaryMin // from here on they are shown in this order
	summaryMean
)

// read fills in s, and reports false when r is not such a record, or has its
// attributes in groups.
func (s *summary) read(r slog.Record) bool {
	if !slogtel.IsTelemetry(r) {
		return false
	}
	counted := false
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == slogtel.KeyCount {
			counted = true
		}
		s.take(a)
		return true
	})
	return counted && s.scope != ""
}

// take takes an attribute, and reports false when it is none of a summary's.
func (s *summary) take(a slog.Attr) bool {
	v := a.Value.Resolve()
	switch a.Key {
	case slogtel.KeyScope:
		return takeString(v, &s.scope)
	case slogtel.KeyParentScope:
		return takeString(v, &s.parent)
	case slogtel.KeyMetricType:
		return takeString(v, (*string)(&s.typ))
	case slogtel.KeyCount:
		return takeInt(v, &s.count)
	case slogtel.KeyErrors:
		return takeInt(v, &s.errors)
	case slogtel.KeyDepth:
		return v.Kind() == slog.KindInt64
	case slogtel.KeySketch: // is for programs
		return v.Kind() == slog.KindString
	}
	for i, key := range summaryKeys {
		if a.Key == key && v.Kind() == slog.KindFloat64 {
			s.floats[i], s.has[i] = v.Float64(), true
			return true
		}
	}
	return false
}

func takeString(v slog.Value, to *string) bool {
	if v.Kind() != slog.KindString {
		return false
	}
	*to = v.String()
	return true
}

func takeInt(v slog.Value, to *int64) bool {
	if v.Kind() != slog.KindInt64 {
		return false
	}
	*to = v.Int64()
	return true
}

// appendSummaryRest appends the attributes of a summary that its message does not tell.
func (c cleaner) appendSummaryRest(dst []slog.Attr, r slog.Record) []slog.Attr {
	var s summary
	r.Attrs(func(a slog.Attr) bool {
		if !s.take(a) {
			dst = append(dst, c.attr(a))
		}
		return true
	})
	return dst
}

// appendSummary appends the message of a summary.
func (s style) appendSummary(dst []byte, sum *summary) []byte {
	name := sgrBold
	if sum.errors > 0 {
		name = sgrRed
	}
	dst = s.appendName(dst, name, sum.scope, "", 0)
	dst = s.sgr(sum.append(s.sgr(dst, sgrCyan)), sgrReset)
	if sum.errors > 0 {
		dst = s.sgr(append(dst, ' '), sgrRed)
		dst = humanize.AppendInt(append(dst, "errors "...), sum.errors)
		dst = s.sgr(dst, sgrReset)
	}
	return dst
}

func (s *summary) append(dst []byte) []byte {
	switch {
	case s.typ == slogtel.TypeCounter && s.has[summarySum]:
		if s.floats[summarySum] >= 0 {
			dst = append(dst, '+')
		}
		dst = append(humanize.AppendFloat(dst, s.floats[summarySum]), ' ')
	case s.typ == slogtel.TypeGauge && s.has[summaryLast]:
		dst = append(humanize.AppendFloat(append(dst, "= "...), s.floats[summaryLast]), ' ')
	case s.typ == slogtel.TypeHistogram:
		dst = append(dst, "~ "...)
	}
	dst = humanize.AppendInt(append(dst, "×"...), s.count)
	if s.has[summaryInterval] {
		dst = humanize.AppendSeconds(append(dst, " in "...), s.floats[summaryInterval])
	}
	if s.has[summaryRate] {
		dst = append(humanize.AppendFloat(append(dst, ' '), s.floats[summaryRate]), "/s"...)
	}
	if s.typ != slogtel.TypeCounter {
		dst = s.appendDistribution(dst)
	}
	return dst
}

func (s *summary) appendDistribution(dst []byte) []byte {
	first := summaryMean
	if s.typ == slogtel.TypeGauge {
		first = summaryMin
	}
	for i := first; i < len(summaryKeys); i++ {
		if !s.has[i] {
			continue
		}
		dst = append(append(append(dst, ' '), summaryKeys[i]...), ' ')
		if s.typ == slogtel.TypeTiming {
			dst = humanize.AppendSeconds(dst, s.floats[i])
		} else {
			dst = humanize.AppendFloat(dst, s.floats[i])
		}
	}
	return dst
}
