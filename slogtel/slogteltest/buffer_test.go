package slogteltest_test

import (
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

func TestBuffer(t *testing.T) {
	var b slogteltest.Buffer
	assert.Empty(t, b.JSON())
	assert.Empty(t, b.String())

	_, _ = io.WriteString(&b, "{\"a\":1}\n{\"b\":")
	assert.Equal(t, "[map[a:1] map[!BADLINE:{\"b\":]]", fmt.Sprint(b.JSON()), "half a line")
	_, _ = io.WriteString(&b, "2}\n[1]\nnull\n\n{} {}\n{\"c\":{\"d\":3}}")
	assert.Equal(t, "[map[a:1] map[b:2] map[!BADLINE:[1]\n] map[!BADLINE:null\n] map[!BADLINE:\n] map[!BADLINE:{} {}\n] map[c:map[d:3]]]",
		fmt.Sprint(b.JSON()))
	_, _ = io.WriteString(&b, "\n")
	assert.Len(t, b.JSON(), 7)

	first := b.JSON()
	_, _ = io.WriteString(&b, "{\"e\":5}\n")
	_ = append(first, map[string]any{"mine": 1})
	assert.Equal(t, "map[e:5]", fmt.Sprint(b.JSON()[7]), "a result is not written to by what is appended to another")

	b.Reset()
	assert.Empty(t, b.JSON())
	_, _ = io.WriteString(&b, "{\"f\":6}\n")
	assert.Equal(t, "[map[f:6]]", fmt.Sprint(b.JSON()))
	assert.Equal(t, "{\"f\":6}\n", b.String())
}
