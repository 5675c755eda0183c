package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What docs/recipes.md shows of the command is what it prints.
func TestRecipes(t *testing.T) {
	local := time.Local
	time.Local = time.UTC
	defer func() { time.Local = local }()
	page, err := os.ReadFile("../../docs/recipes.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?ms)^```console\n\\$ (.*?)\n(.*?)^```").FindAllStringSubmatch(string(page), -1)
	require.NotEmpty(t, blocks)
	for _, b := range blocks {
		args := strings.Fields(strings.ReplaceAll(b[1], "incident.jsonl", "testdata/incident.jsonl"))
		out, errs, code := runWith("", args[1:]...)
		assert.Zero(t, code, errs)
		assert.Equal(t, b[2], out, b[1])
	}
}
