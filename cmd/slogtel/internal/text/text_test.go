package text

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSeconds(t *testing.T) {
	for want, s := range map[string]float64{
		"0s": 0, "850ns": 850e-9, "1.24ms": 1.2399e-3, "999µs": 999e-6, "1ms": 999.6e-6, "12s": 12, "59.9s": 59.94, "1m": 59.96,
		"1m23s": 83, "1h": 3599.6, "2h5m": 7500, "3d4h": 76 * 3600, "1d": 24*3600 - 10, "-1.5s": -1.5, "951ns": 951e-9, "1e+30s": 1e30,
	} {
		assert.Equal(t, want, Seconds(s), "%v", s)
	}
	assert.Equal(t, "1.5ms", Duration(1500*time.Microsecond))
}

func TestNumber(t *testing.T) {
	for want, v := range map[string]float64{
		"0": 0, "0.82": 0.82, "1234": 1234, "12.3k": 12345, "5M": 5e6, "-12.3k": -12345, "1e+18": 1e18, "1M": 999999, "1.23e-07": 1.234e-7, "NaN": math.NaN(),
	} {
		assert.Equal(t, want, Number(v), "%v", v)
	}
	assert.Equal(t, "<0.1%", Percent(1e-4))
	assert.Equal(t, "12.5%", Percent(0.125))
}

func TestTable(t *testing.T) {
	table := NewTable("NAME", "N", "TEXT")
	table.Text = true
	table.Row("é", "10", "x")
	table.Row("long name", "1", "")
	var b strings.Builder
	_, err := table.WriteTo(&b)
	require.NoError(t, err)
	assert.Equal(t, "NAME        N  TEXT\né          10  x\nlong name   1\n", b.String())
	assert.Equal(t, 2, table.Len())
}

func TestCut(t *testing.T) {
	assert.Equal(t, "äö", Cut("äö", 2))
	assert.Equal(t, "ä…", Cut("äöü", 2))
}

func FuzzClean(f *testing.F) {
	f.Add("plain é 😀 `|\"")
	f.Add("\x1b[31m\u009b\u202e\u2028\x7f\xff\u200b\U000e0001")
	f.Fuzz(func(t *testing.T, s string) {
		c := Clean(s)
		assert.True(t, utf8.ValidString(c))
		for _, r := range c {
			assert.False(t, unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp), "%q", c)
		}
		b, err := json.Marshal(s)
		require.NoError(t, err)
		j := JSON(b)
		for _, r := range string(j) {
			assert.False(t, unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp), "%q", j)
		}
		var want, got string
		require.NoError(t, json.Unmarshal(b, &want))
		require.NoError(t, json.Unmarshal(j, &got))
		assert.Equal(t, want, got)
	})
}
