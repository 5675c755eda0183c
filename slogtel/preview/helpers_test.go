package preview

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"math"
	"net/url"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	nan = math.NaN()
	inf = math.Inf(1)
)

type slogValue = slog.Value

var hiddenValue = slog.StringValue("***")

func mustURL(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		panic(err)
	}
	return u
}

func bytesReader(b []byte) io.Reader { return bytes.NewReader(b) }

// marshal is the preview as JSON. That it can always be marshaled is part of what is tested.
func marshal(t testing.TB, p Preview) string {
	t.Helper()
	b, err := json.Marshal(p)
	require.NoError(t, err)
	return string(b)
}

// texts are all the texts of a preview.
func texts(p Preview) []string {
	all := append([]string{p.Model, p.Text, p.Candidate0Text, p.FinishReason, p.Safety, p.Repr}, p.Tools...)
	for k, v := range p.Usage {
		all = append(all, k)
		if s, ok := v.(string); ok {
			all = append(all, s)
		}
	}
	return all
}

func sorted(s []string) []string {
	slices.Sort(s)
	return s
}

// Of is the preview of one response, with previews on.
func Of(raw any, limit int) Preview { return New(&Options{Mode: On, Limit: limit}).Of(raw) }
