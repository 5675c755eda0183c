package env

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSwitch(t *testing.T) {
	for _, tc := range []struct {
		first, second string
		on, set       bool
		reported      []string // the variables named
	}{
		{"", "", false, false, nil},
		{"1", "", true, true, nil},
		{"", "yes", true, true, nil},
		{"0", "1", false, true, nil},
		{"OFF", "on", false, true, nil},
		{"True", "0", true, true, nil},
		{" no ", "yes", false, true, nil},
		{"maybe", "on", true, true, []string{"ENV_TEST_A"}},
		{"2", "enabled", false, false, []string{"ENV_TEST_A", "ENV_TEST_B"}},
		{"1", "what", true, true, nil},
	} {
		t.Setenv("ENV_TEST_A", tc.first)
		t.Setenv("ENV_TEST_B", tc.second)
		var errs []error
		report := func(err error) { errs = append(errs, err) }
		on, set := Switch(report, "ENV_TEST_A", "ENV_TEST_B")
		assert.Equal(t, [2]bool{tc.on, tc.set}, [2]bool{on, set}, "%+v", tc)
		if assert.Len(t, errs, len(tc.reported), "%+v", tc) {
			for i, name := range tc.reported {
				assert.ErrorContains(t, errs[i], name+"=")
			}
		}
		assert.Equal(t, tc.on, FromEnv.On(nil, "ENV_TEST_A", "ENV_TEST_B"))
		assert.True(t, On.On(report, "ENV_TEST_A"))
		assert.False(t, Off.On(report, "ENV_TEST_A"))
		assert.Len(t, errs, len(tc.reported), "a mode that is given does not read the environment")
	}
}
