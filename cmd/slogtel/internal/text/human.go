package text

import (
	"strconv"
	"time"

	"github.com/slogtel/telemetry/internal/humanize"
)

// Seconds rounds a number of seconds to three digits with a unit, or, from a minute on,
// to its two largest units: 850ns, 1.24ms, 12s, 1m23s, 2h5m, 3d4h.
func Seconds(s float64) string { return string(humanize.AppendSeconds(nil, s)) }

// Duration is Seconds of d.
func Duration(d time.Duration) string { return string(humanize.AppendDuration(nil, d)) }

// Number rounds v to three digits, with a decimal prefix from ten thousand on: 0.82,
// 1234, 12.3k, 5M.
func Number(v float64) string { return string(humanize.AppendFloat(nil, v)) }

// Int writes n in full.
func Int(n int64) string { return strconv.FormatInt(n, 10) }

// Percent writes a share.
func Percent(share float64) string {
	if share > 0 && share < 0.001 {
		return "<0.1%"
	}
	return Number(100*share) + "%"
}
