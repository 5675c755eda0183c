package jsonenc

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/slogtel/telemetry/internal/testkit"
)

func TestInts(t *testing.T) {
	check := func(v uint64) {
		if got, want := string(AppendUint(nil, v)), strconv.FormatUint(v, 10); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
		if got, want := string(AppendInt(nil, int64(v))), strconv.FormatInt(int64(v), 10); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
	for v := range uint64(200_000) {
		check(v)
	}
	for _, p := range powersOf10 {
		for d := range uint64(3) {
			check(p - d)
			check(p + d)
		}
	}
	for shift := range 64 {
		for range 10_000 {
			check(rand.Uint64() >> shift)
		}
	}
	for _, v := range []uint64{math.MaxUint64, math.MaxInt64, math.MaxInt64 + 1, math.MaxInt64 + 2} {
		check(v)
	}
}

func TestEightDigits(t *testing.T) {
	step := uint64(7)
	if testkit.Race || testing.Short() {
		step = 97
	}
	for v := uint64(0); v < 1e8; v += step {
		// Read the digits back.
		var back uint64
		for w := eightDigits(v); w != 0; w >>= 8 {
			back = back*10 + w&0xff - '0'
		}
		if back != v {
			t.Fatalf("the digits of %d read as %d", v, back)
		}
	}
}
