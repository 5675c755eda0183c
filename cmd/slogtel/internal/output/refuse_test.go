package output

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRefuseInput(t *testing.T) {
	dir := t.TempDir()
	a, b, link := filepath.Join(dir, "a.jsonl"), filepath.Join(dir, "b.jsonl"), filepath.Join(dir, "link")
	require.NoError(t, os.WriteFile(a, nil, 0o600))
	require.NoError(t, os.WriteFile(b, nil, 0o600))
	require.NoError(t, os.Symlink(a, link))
	assert.Error(t, RefuseInput(a, []string{b, a}))
	assert.Error(t, RefuseInput(a, []string{filepath.Join(dir, "*.jsonl")}))
	assert.Error(t, RefuseInput(link, []string{a}))
	assert.Error(t, RefuseInput(a, []string{dir + "/./a.jsonl"}))
	assert.NoError(t, RefuseInput(a, []string{b, "-"}))
	assert.NoError(t, RefuseInput(a, []string{filepath.Join(dir, "none")}))
	assert.NoError(t, RefuseInput(filepath.Join(dir, "new"), []string{a}))
	assert.NoError(t, RefuseInput(Stdout, []string{Stdout}))
	assert.NoError(t, RefuseInput(os.DevNull, []string{os.DevNull}))
}
