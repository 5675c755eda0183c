package output

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

type failing struct {
	strings.Builder
	err error
}

func (f *failing) Write(p []byte) (int, error) {
	f.Builder.Write(p)
	return len(p), f.err
}

func TestStickyKeepsTheFirstError(t *testing.T) {
	f := &failing{}
	s := &Sticky{W: f}
	fmt.Fprint(s, "a")
	assert.NoError(t, s.Err)
	first := errors.New("first")
	f.err = first
	fmt.Fprint(s, "b")
	f.err = nil
	n, err := fmt.Fprint(s, "c")
	assert.Zero(t, n)
	assert.Equal(t, first, err)
	assert.Equal(t, first, s.Err)
	assert.Equal(t, "ab", f.String())
}
