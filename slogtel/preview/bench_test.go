package preview

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

func BenchmarkOf(b *testing.B) {
	raw, err := os.ReadFile("testdata/gemini.json")
	if err != nil {
		b.Fatal(err)
	}
	var decoded map[string]any
	if err := json.Unmarshal(raw, &decoded); err != nil {
		b.Fatal(err)
	}
	long := strings.Repeat("The Danube is 2850 kilometres long. ", 200)
	answer := strings.Replace(string(raw), "The Danube, ", long, 1)
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
				Of(raw, 0)
			}
		})
	}
}
