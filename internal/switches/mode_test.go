package switches

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestMode(t *testing.T) {
	variables := []Variable{{Name: "SWITCH_FIRST"}}
	for value, want := range map[string]bool{"1": true, "0": false, "": false} {
		t.Setenv("SWITCH_FIRST", value)
		assert.Equal(t, want, FromEnv.On(variables, nil), value)
		assert.True(t, On.On(variables, nil))
		assert.False(t, Off.On(variables, nil))
	}
}
