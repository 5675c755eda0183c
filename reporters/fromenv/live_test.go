package fromenv_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/fromenv"
)

func TestLive(t *testing.T) {
	environ(t, "SLOGTEL_REPORTERS=live=0,memory,app", "SLOGTEL_SERVICE=shop", "SLOGTEL_LEVEL=info")
	var app, output bytes.Buffer
	setup, err := fromenv.New(slog.NewTextHandler(&app, nil), &fromenv.Options{Output: &output})
	require.NoError(t, err)
	url := regexp.MustCompile(`live telemetry: (http://127\.0\.0\.1:\d+/)\n`).FindStringSubmatch(output.String())
	require.NotNil(t, url, output.String())
	work(setup)
	page := func(query string) (m map[string]any) {
		resp, err := http.Get(url[1] + query)
		require.NoError(t, err)
		defer resp.Body.Close()
		require.Equal(t, http.StatusOK, resp.StatusCode)
		require.NoError(t, json.NewDecoder(resp.Body).Decode(&m))
		return m
	}
	p := page("?format=json")
	assert.Equal(t, "shop", p["title"])
	assert.Equal(t, "job", p["scopes"].([]any)[0].(map[string]any)["scope"])
	assert.Contains(t, p["stats"].(map[string]any)["reporters"], "telemetry.EventErrors")
	root := page("?format=json&trace=1")["root"].(map[string]any)
	kids := root["children"].([]any)
	require.Len(t, kids, 2, "the app's log, and the counter")
	assert.Equal(t, "working", kids[0].(map[string]any)["name"])
	assert.Contains(t, app.String(), "working")
	assert.Equal(t, map[string]any{"password": "[REDACTED]"}, root["attrs"])

	require.NoError(t, setup.Shutdown(t.Context()))
	_, err = http.Get(url[1])
	assert.Error(t, err)
}

func TestLiveMistakes(t *testing.T) {
	environ(t, "SLOGTEL_REPORTERS=live=0")
	var output bytes.Buffer
	first, err := fromenv.New(nil, &fromenv.Options{Output: &output})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, first.Shutdown(context.Background())) })
	port := regexp.MustCompile(`:(\d+)/`).FindStringSubmatch(output.String())[1]
	for value, want := range map[string]string{
		port:                `"live=` + port + `" is left out: live: cannot listen on 127.0.0.1:` + port,
		"":                  "want a port, as 6060",
		"localhost":         "want a port, as 6060",
		"0?client=10.0.0.0": "it is a network, such as 10.0.0.0/8",
		"0?allow=all":       `has "allow": it may have host and client`,
		"0?%zz":             "the query of the address",
		"192.0.2.1:1":       "cannot listen on",
	} {
		environ(t, "SLOGTEL_REPORTERS=live="+value)
		setup, err := fromenv.New(nil, &fromenv.Options{Output: new(bytes.Buffer)})
		assert.ErrorContains(t, err, want, value)
		require.NoError(t, setup.Shutdown(t.Context()))
	}
}
