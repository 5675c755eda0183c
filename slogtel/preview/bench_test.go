package preview

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func BenchmarkOf(b *testing.B) {
	all := fixtures(b)
	i := slices.IndexFunc(all, func(f fixture) bool { return f.name == "gemini" })
	raw := []byte(all[i].body)
	var decoded map[string]any
	if err := json.Unmarshal(raw, &decoded); err != nil {
		b.Fatal(err)
	}
	long := strings.Repeat("The Danube is 2850 kilometres long. ", 200)
	answer := strings.Replace(string(raw), "The Danube, ", long, 1)
	p := New(&Options{Mode: On})
	for name, raw := range map[string]any{
		"gemini-bytes":   raw,
		"gemini-map":     decoded,
		"gemini-7KB":     []byte(answer),
		"sdk-struct":     &sdkResponse{Candidates: []*sdkCandidate{{Content: &sdkContent{Parts: []any{&sdkPart{Text: long}}}}}},
		"text-1MB":       strings.Repeat(long, 150),
		"unknown-struct": struct{ A, B, C string }{"a", "b", long},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Of(raw)
			}
		})
	}
}
