package httptel

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/slogtel/preview"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

const completion = `{"model":"m-1","choices":[{"message":{"content":"hello"},"finish_reason":"stop"}],"usage":{"total_tokens":7},"api_key":"sk-secret"}`

func previews(on bool) *preview.Previewer {
	if on {
		return preview.New(&preview.Options{Mode: preview.On})
	}
	return nil // as the field of a struct that was never set
}

// meter notes how much is read of a body, and in what pieces it was asked for.
type meter struct {
	io.Reader
	read   int
	asked  []int
	closed bool
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.Reader.Read(p)
	m.read += n
	m.asked = append(m.asked, len(p))
	return n, err
}

func (m *meter) Close() error { m.closed = true; return nil }

func previewOf(t *testing.T, rec *slogteltest.Recorder) string {
	t.Helper()
	for _, a := range only(t, rec, "http.client.get").Attrs {
		if a.Key == "raw_preview" {
			for _, g := range a.Value.Group() {
				if g.Key == "batch" {
					out, err := json.Marshal(g.Value.Any())
					require.NoError(t, err)
					return string(out)
				}
			}
		}
	}
	return ""
}

func TestPreview(t *testing.T) {
	for name, tc := range map[string]struct {
		header http.Header
		body   string
		limit  int
		want   string // in the preview
	}{
		"JSON":           {http.Header{"Content-Type": {"application/json"}}, completion, 0, `"candidate0_text":"hello"`},
		"no type":        {nil, completion, 0, `"finish_reason":"stop"`},
		"text":           {http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, "hello", 0, `"text":"hello"`},
		"events":         {http.Header{"Content-Type": {"text/event-stream"}}, "data: " + completion + "\n\ndata: [DONE]\n\n", 0, `"candidate0_text":"hello"`},
		"at the limit":   {nil, completion, len(completion), `"model":"m-1"`},
		"over the limit": {nil, completion, 20, `m-1`},
		"an image":       {http.Header{"Content-Type": {"image/png"}}, "\x89PNG", 0, ""},
		"compressed":     {http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"br"}}, "\x00\x01", 0, ""},
		"empty":          {nil, "", 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			tel, rec := slogteltest.New(t)
			source := &meter{Reader: strings.NewReader(tc.body)}
			rt := answer(tel, &ClientOptions{RawPreview: previews(true), PreviewLimit: tc.limit},
				&http.Response{StatusCode: 200, Header: tc.header, Body: source})
			resp, err := rt.RoundTrip(httptest.NewRequest("GET", "/", nil))
			require.NoError(t, err)
			assert.Zero(t, source.read, "nothing is read before the caller reads")
			got, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			assert.True(t, source.closed)
			assert.Equal(t, tc.body, string(got))
			if tc.want == "" {
				assert.Empty(t, previewOf(t, rec))
			} else {
				assert.Contains(t, previewOf(t, rec), tc.want)
			}
			assert.NotContains(t, previewOf(t, rec), "sk-secret")
		})
	}
}

// What the caller does not read is not read for the preview either.
func TestPreviewReadsNoMoreThanTheCaller(t *testing.T) {
	tel, rec := slogteltest.New(t)
	source := &meter{Reader: endless{}}
	rt := answer(tel, &ClientOptions{RawPreview: previews(true)}, &http.Response{StatusCode: 200, Body: source})
	resp, err := rt.RoundTrip(httptest.NewRequest("GET", "/", nil))
	require.NoError(t, err)
	_, _ = io.ReadFull(resp.Body, make([]byte, 10))
	_, _ = io.ReadFull(resp.Body, make([]byte, 7))
	resp.Body.Close()
	assert.Equal(t, []int{10, 7}, source.asked)
	assert.EqualValues(t, 17, attrs(only(t, rec, "http.client.get"))[KeyResponseSize])
}

// Of a body without end no more than the limit is kept.
func TestPreviewIsBounded(t *testing.T) {
	tel, _ := slogteltest.New(t)
	rt := answer(tel, &ClientOptions{RawPreview: previews(true), PreviewLimit: 1000}, &http.Response{StatusCode: 200, Body: io.NopCloser(endless{})})
	resp, _ := rt.RoundTrip(httptest.NewRequest("GET", "/", nil))
	_, _ = io.CopyN(io.Discard, resp.Body, 10<<20)
	c := resp.Body.(*call)
	assert.Len(t, c.kept, 1000)
	assert.Less(t, cap(c.kept), 4096)
	resp.Body.Close()
	assert.Nil(t, c.kept)
}

func TestPreviewIsForOneTransport(t *testing.T) {
	tel, rec := slogteltest.New(t)
	for _, on := range []bool{true, false} {
		rt := answer(tel, &ClientOptions{RawPreview: previews(on)}, &http.Response{StatusCode: 200, Body: io.NopCloser(bytes.NewBufferString(completion))})
		resp, _ := rt.RoundTrip(httptest.NewRequest("GET", "/", nil))
		_, _ = io.ReadAll(resp.Body)
		assert.Equal(t, on, resp.Body.(*call).limit > 0, "when it is off, nothing is kept")
		assert.Equal(t, on, previewOf(t, rec) != "")
		rec.Reset()
	}
}
