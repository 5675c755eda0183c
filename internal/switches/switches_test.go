package switches

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRead(t *testing.T) {
	variables := []Variable{{Name: "SWITCH_FIRST"}, {Name: "SWITCH_SECOND"}, {Name: "SWITCH_DEBUG", OnOnly: true}}
	for _, tc := range []struct {
		first, second, debug string
		want                 bool
		bad                  string // the variable that is reported
	}{
		{},
		{first: "1", want: true},
		{first: "TRUE", want: true},
		{first: "On", want: true},
		{first: "yEs", want: true},
		{first: " on ", want: true},
		{first: "0", second: "1", debug: "1"},
		{first: "false", debug: "1"},
		{first: "OFF", second: "on"},
		{first: "no", second: "on"},
		{first: "1", second: "0", want: true},
		{second: "0", debug: "1"},
		{second: "yes", want: true},
		{debug: "1", want: true},
		{debug: "true", want: true},
		{debug: "0"},
		{debug: "off"},
		{first: "maybe", bad: "SWITCH_FIRST"},
		{first: "2", second: "1", want: true, bad: "SWITCH_FIRST"},
		{first: "-", second: "0", debug: "1", bad: "SWITCH_FIRST"},
		{debug: "app:*", bad: "SWITCH_DEBUG"},
	} {
		t.Setenv("SWITCH_FIRST", tc.first)
		t.Setenv("SWITCH_SECOND", tc.second)
		t.Setenv("SWITCH_DEBUG", tc.debug)
		var bad []error
		assert.Equal(t, tc.want, Read(variables, func(err error) { bad = append(bad, err) }), "%+v", tc)
		if tc.bad == "" {
			assert.Empty(t, bad, "%+v", tc)
			continue
		}
		assert.Len(t, bad, 1, "%+v", tc)
		assert.ErrorContains(t, bad[0], tc.bad+"=")
		assert.ErrorContains(t, bad[0], "on, yes")
	}
}

func TestALongValueIsCut(t *testing.T) {
	assert.Less(t, len((&Error{"V", strings.Repeat("x", 1<<20)}).Error()), 300)
}
