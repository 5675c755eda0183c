package tally

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Ids of other forms are as good, the same in every process, and no id is none.
func TestOtherIDs(t *testing.T) {
	for name, form := range map[string]func(i int) string{
		"numbers": func(i int) string { return fmt.Sprint(i) },
		"names":   func(i int) string { return fmt.Sprintf("request-%08d", i) },
		"32 long": func(i int) string { return fmt.Sprintf("%032d", i)[:31] + "z" },
	} {
		below := 0
		for i := range 20000 {
			bits, ok := TraceBits(form(i * 10))
			require.True(t, ok)
			if bits >= Threshold(0.25) {
				below++
			}
		}
		assert.InDelta(t, 5000, below, 400, name)
	}
	bits, ok := TraceBits("request-1")
	assert.True(t, ok)
	assert.Equal(t, uint64(0x5f75761c9b9ae5), bits, "never to change: other processes have other versions")
	bits, ok = TraceBits("4bf92f3577b34da6a3ce929d0e0e4736")
	assert.True(t, ok)
	assert.Equal(t, uint64(0xce929d0e0e4736), bits)
	for _, none := range []string{"", strings.Repeat("0", 32)} {
		_, ok = TraceBits(none)
		assert.False(t, ok, none)
	}
	assert.Equal(t, uint64(0), Threshold(1))
	assert.Equal(t, uint64(1<<56), Threshold(0))
	assert.Equal(t, uint64(1<<55), Threshold(0.5))
}
