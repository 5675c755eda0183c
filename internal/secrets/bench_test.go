package secrets

import (
	"strings"
	"testing"
)

const prose = "The model answered the question about rivers in about two seconds; it named the Danube, the Volga and " +
	"the Rhine, and gave their lengths in kilometres (2850, 3531, 1233). Asked for a source it cited an atlas of 1998, " +
	"which is, as far as we can tell, well known and correct. Nothing in this text looks like a credential, though it has " +
	"a colon: here, a well-known hyphen, a snake_case_name, a URL https://example.com/atlas?page=12 and a time 12:30:05."

const plainProse = "It rained for the whole of the first week, and those who had come to see the mountains saw little more than the road, the " +
	"river beside it and the lamps of the inn. On the eighth day the wind turned. By noon the snow on the ridges could be seen from " +
	"the garden, and before the evening everybody who owned a pair of boots had gone up to the old chapel to look at the valley. The " +
	"service took four seconds to answer, and the worker went back to its queue."

const accessLog = `10.34.1.7 - - [28/Feb/2026:12:48:22 +0000] "GET /api/v1/users/4711/orders?page=2&limit=50 HTTP/1.1" 200 5316 ` +
	`"https://shop.example.com/cart" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"` + "\n"

const logfmt = `time=2026-03-01T12:30:05.123Z level=INFO msg="request done" method=POST path=/v1/models/x:generate status=200 ` +
	`duration_s=1.2345 prompt_tokens=123 completion_tokens=456 total_tokens=579 user_id=42 region=eu-west-1 retry=false ` +
	`trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7 cache=miss`

const jsonLine = `{"time":"2026-03-01T12:30:05.123Z","level":"INFO","msg":"telemetry.timing","scope":"app.batch.generate","depth":2,` +
	`"parent_scope":"app.batch","metric_type":"timing","call_count":17,"duration_s":1.234567,"start_wall_time_s":1772368205.1,` +
	`"usage":{"promptTokenCount":123,"candidatesTokenCount":456,"totalTokenCount":579},"model":"gemini-2.5-flash"}`

func clean(b *testing.B, text string) {
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, n := Text(text); n != 0 {
			b.Fatal("not clean")
		}
	}
}

func BenchmarkTextClean(b *testing.B) {
	b.Run("prose512", func(b *testing.B) { clean(b, (prose + prose)[:512]) })
	b.Run("plain", func(b *testing.B) { clean(b, plainProse) })
	b.Run("access", func(b *testing.B) { clean(b, accessLog) })
	b.Run("logfmt", func(b *testing.B) { clean(b, logfmt) })
	b.Run("json", func(b *testing.B) { clean(b, jsonLine) })
	b.Run("word", func(b *testing.B) { clean(b, "generate") })
}

func BenchmarkTextSecret(b *testing.B) {
	text := prose + " api_key=" + "AIza" + "SyEXAMPLE0123456789abcdefghijklmno-_ " + prose
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Text(text)
	}
}

func BenchmarkKey(b *testing.B) {
	for _, name := range []string{"duration_s", "prompt_tokens", "model", "x-goog-api-key", "candidatesTokenCount", "scope"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Key(name)
			}
		})
	}
}

// BenchmarkTextHostile reads ten megabytes made to be read again and again. MB/s tells.
func BenchmarkTextHostile(b *testing.B) {
	for _, unit := range hostile {
		text := strings.Repeat(unit, 1<<20/len(unit))
		b.Run(unit[:min(len(unit), 12)], func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				Text(text)
			}
		})
	}
}
