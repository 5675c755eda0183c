package preview_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"

	"github.com/slogtel/telemetry/slogtel/preview"
)

const response = `{
  "candidates": [{
    "content": {"parts": [{"text": "Call it with ?key=not-a-real-key and you will see."}], "role": "model"},
    "finishReason": "STOP"
  }],
  "usageMetadata": {"promptTokenCount": 12, "candidatesTokenCount": 9, "totalTokenCount": 21},
  "modelVersion": "gemini-2.5-flash"
}`

// A preview of a response as it came, attached to an app's own result.
func ExamplePreviewer_Of() {
	type metrics struct {
		RawPreview preview.Preview `json:"raw_preview"`
	}
	result := map[string]any{
		"answer":  "…",
		"metrics": metrics{preview.New(&preview.Options{Mode: preview.On}).Of([]byte(response))},
	}
	b, _ := json.MarshalIndent(result, "", "  ")
	fmt.Println(string(b))
	// Output:
	// {
	//   "answer": "…",
	//   "metrics": {
	//     "raw_preview": {
	//       "model": "gemini-2.5-flash",
	//       "candidate0_text": "Call it with ?key=[REDACTED] and you will see.",
	//       "usage": {
	//         "candidatesTokenCount": 9,
	//         "promptTokenCount": 12,
	//         "totalTokenCount": 21
	//       },
	//       "finish_reason": "STOP"
	//     }
	//   }
	// }
}

// A response of a shape that nobody knows is rendered, without its secrets.
func ExamplePreviewer_Of_unknownShape() {
	type answer struct {
		Status int               `json:"status"`
		Header map[string]string `json:"header"`
		Rows   []int             `json:"rows"`
	}
	previews := preview.New(&preview.Options{Mode: preview.On})
	p := previews.Of(answer{200, map[string]string{"Server": "x", "Set-Cookie": "sid=abc"}, []int{1, 2, 3}})
	fmt.Println(p.Repr)
	// Output: {"status":200,"header":{"Server":"x","Set-Cookie":"[REDACTED]"},"rows":[1,2,3]}
}

// A text is cut at a number of characters, and the cut is marked.
func ExampleOptions_limit() {
	previews := preview.New(&preview.Options{Mode: preview.On, Limit: 20})
	fmt.Println(previews.Of("The Danube flows through ten countries.").Text)
	// Output: The Danube flows thr…[+19 bytes]
}

// A preview logs as a group.
func ExamplePreview_LogValue() {
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	log.Info("answered", "raw_preview", preview.New(&preview.Options{Mode: preview.On, Limit: 20}).Of([]byte(response)))
	// Output: level=INFO msg=answered raw_preview.model=gemini-2.5-flash raw_preview.candidate0_text="Call it with ?key=…[+32 bytes]" raw_preview.usage.promptTokenCount=12 raw_preview.usage.candidatesTokenCount=9 raw_preview.usage.totalTokenCount=21 raw_preview.finish_reason=STOP
}
