package preview

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	envFirst  = "SLOGTEL_TELEMETRY_RAW_PREVIEW"
	envSecond = "GEMINI_BATCH_TELEMETRY_RAW_PREVIEW"
)

func TestTheEnvironmentDecidesAtNew(t *testing.T) {
	for _, tc := range []struct {
		first, second string
		on            bool
		reported      int
	}{
		{"", "", false, 0}, {"1", "", true, 0}, {"", "yes", true, 0}, {"off", "1", false, 0}, {"ON", "0", true, 0},
		{"perhaps", "true", true, 1}, {"2", "", false, 1},
	} {
		t.Setenv(envFirst, tc.first)
		t.Setenv(envSecond, tc.second)
		reported := 0
		p := New(&Options{OnError: func(err error) {
			reported++
			assert.ErrorContains(t, err, envFirst)
		}})
		assert.Equal(t, tc.on, p.Enabled(), "%+v", tc)
		assert.Equal(t, tc.reported, reported, "%+v", tc)
		assert.Equal(t, tc.on, New(nil).Enabled())
		assert.True(t, New(&Options{Mode: On}).Enabled())
		assert.False(t, New(&Options{Mode: Off}).Enabled())
		t.Setenv(envFirst, "1")
		assert.Equal(t, tc.on, p.Enabled(), "once, at New")
	}
}

func TestWhatMeansNothingIsLogged(t *testing.T) {
	var out bytes.Buffer
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&out, nil)))
	defer slog.SetDefault(old)
	t.Setenv(envFirst, "maybe")
	New(nil)
	assert.Contains(t, out.String(), envFirst)
}

func TestOff(t *testing.T) {
	raw := obj{"text": "x"}
	for _, p := range []*Previewer{nil, new(Previewer), New(&Options{Mode: Off, Limit: 5})} {
		assert.Zero(t, p.Of(raw))
		assert.Zero(t, p.Attr(raw))
		assert.False(t, p.Enabled())
	}
	assert.Zero(t, New(&Options{Mode: On}).Attr(), "there is nothing to show")
}

func TestOffCostsNothing(t *testing.T) {
	p, raw := New(&Options{Mode: Off}), any(obj{"text": "x"})
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		if a := p.Attr(raw, raw); a.Key != "" {
			t.Error(a)
		}
	}))
}

func TestAttr(t *testing.T) {
	p := New(&Options{Mode: On, Limit: 5})
	a := p.Attr("one", obj{"model": "m", "text": "two two"}, nil)
	assert.Equal(t, "raw_preview", a.Key)
	require.Equal(t, slog.KindGroup, a.Value.Kind())
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("m", a)
	var line struct {
		RawPreview json.RawMessage `json:"raw_preview"`
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	assert.JSONEq(t, `{"model":"m","batch":[{"text":"one"},{"model":"m","text":"two t…[+2 bytes]"},{}]}`, string(line.RawPreview))

	many := make([]any, maxBatch+8)
	for i := range many {
		many[i] = "x"
	}
	group := p.Attr(many...).Value.Group()
	require.Len(t, group, 2)
	assert.Len(t, group[0].Value.Any(), maxBatch)
	assert.Equal(t, slog.Int("dropped", 8), group[1], "what is left out is counted")
}

func TestTools(t *testing.T) {
	var calls list
	for range 2 {
		for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", ""} {
			calls = append(calls, obj{"function": obj{"name": name}})
		}
	}
	p := Of(obj{"choices": list{obj{"message": obj{"tool_calls": calls}}}}, 0)
	assert.Equal(t, []string{"a", "b", "c", "d", "e", "f", "g", "h", "…[+2]"}, p.Tools)
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "raw_preview", p)
	assert.Contains(t, out.String(), `"tools":["a","b"`)
}
