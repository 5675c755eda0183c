package console

import (
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/slogtel/telemetry/internal/humanize"
	"github.com/slogtel/telemetry/internal/termtext"
	"github.com/slogtel/telemetry/slogtel"
)

// style is how telemetry looks.
type style struct {
	color bool
	slow  time.Duration // negative: nothing is
	flat  bool          // a tree shows the depth
}

// Select graphic rendition (ECMA-48, 8.3.117).
const (
	sgrPlain  = ""
	sgrReset  = "\x1b[0m"
	sgrBold   = "\x1b[1m"
	sgrCyan   = "\x1b[36m"
	sgrRed    = "\x1b[1;91m"
	sgrYellow = "\x1b[1;93m"

	brightRed = 9 // of tint.Attr
)

// sgr appends an escape sequence if there are colors.
func (s style) sgr(dst []byte, code string) []byte {
	if !s.color {
		return dst
	}
	return append(dst, code...)
}

// appendTiming appends the message of a scope that ended, such as "  plan 4.1ms".
func (s style) appendTiming(dst []byte, t *slogtel.Timing) []byte {
	name, value := sgrBold, sgrCyan
	switch {
	case t.Error != "":
		name, value = sgrRed, sgrRed
	case s.slow >= 0 && t.Duration >= s.slow:
		name, value = sgrYellow, sgrYellow
	}
	dst = s.appendName(dst, name, t.Scope, t.ParentScope, t.Depth)
	dst = humanize.AppendDuration(s.sgr(dst, value), t.Duration)
	if t.Canceled {
		dst = append(dst, " canceled"...)
	}
	return s.sgr(dst, sgrReset)
}

// appendMetric appends the message of a metric, such as "  tokens +12.3k". Shown is
// false for a value that is no number and has to be an attribute.
func (s style) appendMetric(dst []byte, m *slogtel.Metric) (_ []byte, shown bool) {
	dst = s.appendName(dst, sgrPlain, m.Scope, m.ParentScope, m.Depth)
	switch m.Value.Kind() {
	case slog.KindInt64, slog.KindUint64, slog.KindFloat64, slog.KindDuration, slog.KindBool:
	default:
		return dst[:len(dst)-1], false
	}
	dst = s.sgr(dst, sgrCyan)
	switch m.Type {
	case slogtel.TypeCounter:
		if n, ok := m.Number(); ok && n >= 0 {
			dst = append(dst, '+')
		}
	case slogtel.TypeHistogram:
		dst = append(dst, "~ "...)
	default:
		dst = append(dst, "= "...)
	}
	dst = appendHumanValue(dst, m.Value)
	return s.sgr(dst, sgrReset), true
}

// appendHumanValue appends a value of a kind that appendMetric shows.
func appendHumanValue(dst []byte, v slog.Value) []byte {
	switch v.Kind() {
	case slog.KindInt64:
		return humanize.AppendInt(dst, v.Int64())
	case slog.KindUint64:
		return humanize.AppendFloat(dst, float64(v.Uint64()))
	case slog.KindFloat64:
		return humanize.AppendFloat(dst, v.Float64())
	case slog.KindDuration:
		return humanize.AppendDuration(dst, v.Duration())
	}
	return strconv.AppendBool(dst, v.Bool())
}

// appendName appends a name, indented, relative to its parent and followed by a space.
func (s style) appendName(dst []byte, sgr, scope, parent string, depth int) []byte {
	const indent, most = "  ", 20 // beyond that the rest of the line would not be seen
	if !s.flat {
		for range min(depth, most) {
			dst = append(dst, indent...)
		}
	}
	if parent != "" && depth > 0 {
		if name, ok := strings.CutPrefix(scope, parent+"."); ok && name != "" {
			scope = name
		}
	}
	dst = termtext.Append(s.sgr(dst, sgr), scope)
	if sgr != sgrPlain {
		dst = s.sgr(dst, sgrReset)
	}
	return append(dst, ' ')
}

// appendSampleRate appends the attribute of an event that was sampled: it stands for
// several, which nothing else on the line says.
func appendSampleRate(dst []slog.Attr, rate float64) []slog.Attr {
	if rate == 0 {
		return dst
	}
	return append(dst, slog.Float64(slogtel.KeySampleRate, rate))
}
