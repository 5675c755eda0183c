package plugin_test

import (
	"testing"

	"github.com/golangci/plugin-module-register/register"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/cmd/slogtelvet/plugin"
)

// golangci-lint finds the plugin under its name and gives it settings as maps.
func TestPlugin(t *testing.T) {
	create, err := register.GetPlugin(plugin.Name)
	require.NoError(t, err)
	for _, c := range []struct {
		settings any
		want     []string
	}{
		{nil, []string{"spanend", "spandefer", "spancontext", "scopename", "slogcontext"}},
		{map[string]any{}, []string{"spanend", "spandefer", "spancontext", "scopename", "slogcontext"}},
		{map[string]any{"disable": []any{"slogcontext", "scopename"}}, []string{"spanend", "spandefer", "spancontext"}},
		{map[string]any{"enable": []any{"slogcontext"}}, []string{"slogcontext"}},
	} {
		linter, err := create(c.settings)
		require.NoError(t, err)
		assert.Equal(t, register.LoadModeTypesInfo, linter.GetLoadMode())
		list, err := linter.BuildAnalyzers()
		require.NoError(t, err)
		var got []string
		for _, a := range list {
			got = append(got, a.Name)
		}
		assert.Equal(t, c.want, got, "%v", c.settings)
	}
}

func TestUnknownSettings(t *testing.T) {
	_, err := plugin.New(map[string]any{"disable": []any{"spanends"}})
	assert.ErrorContains(t, err, `no analyzer is called "spanends"; there are spanend,`)
	_, err = plugin.New(map[string]any{"disabled": []any{"spanend"}})
	assert.ErrorContains(t, err, "disabled")
}
