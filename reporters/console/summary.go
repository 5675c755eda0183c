package console

import (
	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/humanize"
	"github.com/slogtel/telemetry/slogtel"
)

// appendSummary appends the message of a summary.
func (s style) appendSummary(dst []byte, sum *slogtel.Summary) []byte {
	name := sgrBold
	if sum.Errors > 0 {
		name = sgrRed
	}
	dst = s.appendName(dst, name, sum.Scope, "", 0)
	dst = s.sgr(appendFigures(s.sgr(dst, sgrCyan), sum), sgrReset)
	if sum.Errors > 0 {
		dst = s.sgr(append(dst, ' '), sgrRed)
		dst = humanize.AppendInt(append(dst, "errors "...), sum.Errors)
		dst = s.sgr(dst, sgrReset)
	}
	return dst
}

func appendFigures(dst []byte, s *slogtel.Summary) []byte {
	switch s.Type {
	case slogtel.TypeCounter:
		if s.Sum >= 0 {
			dst = append(dst, '+')
		}
		dst = append(humanize.AppendFloat(dst, s.Sum), ' ')
	case slogtel.TypeGauge:
		dst = append(humanize.AppendFloat(append(dst, "= "...), s.Last), ' ')
	case slogtel.TypeHistogram:
		dst = append(dst, "~ "...)
	}
	dst = humanize.AppendInt(append(dst, "×"...), s.Count)
	if s.Interval != 0 {
		dst = humanize.AppendDuration(append(dst, " in "...), s.Interval)
	}
	if s.Rate != 0 {
		dst = append(humanize.AppendFloat(append(dst, ' '), s.Rate), "/s"...)
	}
	if s.Type != slogtel.TypeCounter {
		dst = appendDistribution(dst, s)
	}
	return dst
}

// appendDistribution appends what a summary says of the distribution. A zero may be a number
// that the record does not have: it is shown where the numbers beside it say that it is one.
func appendDistribution(dst []byte, s *slogtel.Summary) []byte {
	moments := s.Min != 0 || s.Mean != 0 || s.Max != 0
	quantiles := s.QuantileError != 0
	for _, f := range [...]struct {
		key   string
		value float64
		known bool
	}{
		{event.KeyMin, s.Min, moments && s.Type == slogtel.TypeGauge},
		{event.KeyMean, s.Mean, moments},
		{event.KeyP50, s.P50, quantiles || s.P50 != 0},
		{event.KeyP95, s.P95, quantiles || s.P95 != 0},
		{event.KeyP99, s.P99, quantiles || s.P99 != 0},
		{event.KeyMax, s.Max, moments},
	} {
		if !f.known {
			continue
		}
		dst = append(append(append(dst, ' '), f.key...), ' ')
		if s.Type == slogtel.TypeTiming {
			dst = humanize.AppendSeconds(dst, f.value)
		} else {
			dst = humanize.AppendFloat(dst, f.value)
		}
	}
	return dst
}
