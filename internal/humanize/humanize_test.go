package humanize

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 1: "1ns", 999: "999ns", 1000: "1µs", 1004: "1µs", 1005: "1µs", 1240: "1.24µs", 9_994: "9.99µs", 9_996: "10µs",
		12_345: "12.3µs", 99_960: "100µs", 999_499: "999µs", 999_500: "1ms", 1_240_000: "1.24ms", 123_456_789: "123ms",
		999_499_999: "999ms", 999_500_000: "1s", time.Second: "1s", 1310 * time.Millisecond: "1.31s",
		59_949 * time.Millisecond: "59.9s", 59_950 * time.Millisecond: "1m", time.Minute: "1m", 83 * time.Second: "1m23s",
		83*time.Second + 500*time.Millisecond: "1m24s", time.Hour - 501*time.Millisecond: "59m59s", time.Hour - time.Millisecond: "1h",
		time.Hour: "1h", 125 * time.Minute: "2h5m", 24*time.Hour - 31*time.Second: "23h59m", 24*time.Hour - 30*time.Second: "1d",
		76 * time.Hour: "3d4h", 76*time.Hour + 30*time.Minute: "3d5h",
		-1240 * time.Microsecond: "-1.24ms", math.MaxInt64: "106752d", math.MinInt64: "-106752d",
	} {
		assert.Equal(t, want, string(AppendDuration(nil, d)), "%v", d)
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 7: "7", -3: "-3", 999: "999", 1000: "1000", 9999: "9999", 10_000: "10k", 12_345: "12.3k", -12_345: "-12.3k",
		999_499: "999k", 999_500: "1M", 1_234_567: "1.23M", 5e9: "5G", 5e12: "5T", 5e15: "5P",
		math.MaxInt64: "9.22e+18", math.MinInt64: "-9.22e+18",
	} {
		assert.Equal(t, want, string(AppendInt(nil, n)))
	}
	for f, want := range map[float64]string{
		0: "0", math.Copysign(0, -1): "0", 0.82: "0.82", 1: "1", -0.5: "-0.5", 0.1184: "0.118", 12.345: "12.3", 999.4: "999", 999.5: "1000",
		1234.5: "1234", 1235.5: "1236", 9999.4: "9999", 9999.5: "10k", 12_345: "12.3k", -2.5e6: "-2.5M",
		999.4e15: "999P", 999.6e15: "1e+18", 1.5e300: "1.5e+300", 1e-9: "1e-09", 0.00012: "0.00012",
		math.Inf(1): "+Inf", math.Inf(-1): "-Inf", math.SmallestNonzeroFloat64: "4.94e-324",
	} {
		assert.Equal(t, want, string(AppendFloat(nil, f)))
	}
	assert.Equal(t, "NaN", string(AppendFloat(nil, math.NaN())))
}

func TestSeconds(t *testing.T) {
	for s, want := range map[float64]string{
		0: "0s", math.Copysign(0, -1): "0s", 850e-9: "850ns", 951e-9: "951ns", 12.34e-9: "12.3ns", 4e-10: "0.4ns", -4e-10: "-0.4ns",
		999.6e-9: "1µs", 1.2399e-3: "1.24ms", 999e-6: "999µs", 999.6e-6: "1ms", 0.118: "118ms", -1.5: "-1.5s", 10: "10s",
		59.94: "59.9s", 59.96: "1m", 83: "1m23s", 3599.6: "1h", 7500: "2h5m", 24*3600 - 10: "1d", 76 * 3600: "3d4h",
		9.2e9: "106481d12h", math.Nextafter(math.MaxInt64/1e9, 0): "106752d", math.MaxInt64 / 1e9: "9.22Gs", 1e12: "1Ts", 1e30: "1e+30s", math.Inf(1): "+Infs", math.Inf(-1): "-Infs",
	} {
		assert.Equal(t, want, string(AppendSeconds(nil, s)), "%v", s)
	}
	assert.Equal(t, "NaNs", string(AppendSeconds(nil, math.NaN())))
}

// Whatever the number, what is written is within half a unit of the third digit,
// and short.
func FuzzFloat(f *testing.F) {
	for _, v := range []float64{0, 1, 999.5, 9999.5, 1e6 - 1, 1e18, -1e-300} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v float64) {
		if v-v != 0 {
			t.Skip()
		}
		text := string(AppendFloat(nil, v))
		number, factor := text, 1.0
		if i := strings.IndexByte("kMGTP", text[len(text)-1]); i >= 0 {
			number, factor = text[:len(text)-1], math.Pow10(3*(i+1))
		}
		got, err := strconv.ParseFloat(number, 64)
		if err != nil || len(text) > len("-1.23e+300") || math.Abs(got*factor-v) > 0.00501*math.Abs(v) && math.Abs(v) > 1e-300 {
			t.Fatalf("%v is written as %s: %v", v, text, err)
		}
	})
}
