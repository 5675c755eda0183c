package report

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/sketch"
)

func TestSpark(t *testing.T) {
	for name, c := range map[string]struct {
		values []float64
		want   string
	}{
		"nothing":                 {nil, ""},
		"one":                     {[]float64{3}, "      █     "},
		"zeros":                   {[]float64{0, 0}, "      █     "},
		"two":                     {[]float64{1, 1000}, "█          █"},
		"equal in ratio":          {[]float64{1, 1e6, 1e6, 1e12}, "▅    █     ▅"},
		"equal in difference":     {[]float64{-1, 0, 1}, "█     █    █"},
		"closer than a sketch is": {[]float64{20.70, 20.75}, "      █     "},
		"close":                   {[]float64{100, 108}, "    █   █   "},
	} {
		var d sketch.Sketch
		for _, v := range c.values {
			d.Add(v)
		}
		assert.Equal(t, c.want, spark(&d), name)
	}
	assert.Empty(t, spark(nil))

	for v := 1e-9; v < 1e9; v *= 1.37 { // wherever it is
		var d sketch.Sketch
		d.Add(v)
		assert.Equal(t, "      █     ", spark(&d), v)
	}

	var d sketch.Sketch // a single one among many is seen
	for range 100_000 {
		d.Add(1)
	}
	d.Add(2)
	assert.Equal(t, "█"+strings.Repeat(" ", 10)+"▁", spark(&d))
}
