package diff

import (
	"fmt"
	"strconv"
	"strings"
)

// parsePercent reads a percentage such as 10% or 2.5 % and returns 0.1 or 0.025.
func parsePercent(s string) (float64, error) {
	number, ok := strings.CutSuffix(strings.TrimSpace(s), "%")
	if ok {
		if v, err := strconv.ParseFloat(strings.TrimSpace(number), 64); err == nil && v >= 0 && v <= 1e6 {
			return v / 100, nil
		}
	}
	return 0, fmt.Errorf("%q: expected a percentage from 0%% on, such as 10%%", s)
}

// percent writes a relative change: +12 %, -3.4 %, ×25.
func percent(change float64) string {
	switch {
	case change >= 9.995:
		return "×" + strconv.FormatFloat(change+1, 'g', 3, 64)
	case -0.0005 < change && change < 0.0005:
		return "0.0%"
	case change >= 0.0995 || change <= -0.0995:
		return fmt.Sprintf("%+.0f%%", 100*change)
	}
	return fmt.Sprintf("%+.1f%%", 100*change)
}
