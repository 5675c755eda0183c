package events

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/jsonlines"
)

// What a wide record has inside can be asked for in both schemas, by either way to read it.
func TestInside(t *testing.T) {
	for name, schema := range map[string]jsonlines.Schema{"flat": jsonlines.Flat, "ecs": jsonlines.ECS} {
		found := false
		for _, line := range written(t, schema) {
			if !strings.Contains(line, `"inside"`) {
				continue
			}
			found = true
			for _, decode := range []func(*decoder) (Verdict, error){
				func(d *decoder) (Verdict, error) { return d.decode([]byte(line)) },
				func(d *decoder) (Verdict, error) { return d.decodeSlow([]byte(line)) },
			} {
				d := newTestDecoder()
				v, err := decode(d)
				require.NoError(t, err, name)
				assert.Equal(t, IsEvent, v, name)
				text, ok := d.event.Field("inside.counters.articles")
				assert.True(t, ok, name)
				assert.Equal(t, "3", text, name)
			}
		}
		assert.True(t, found, name)
	}
}
