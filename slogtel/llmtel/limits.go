package llmtel

import (
	"cmp"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/slogtel/telemetry/slogtel/httptel"
)

// appendLimits appends what the headers of a response say of rate limits: how many
// requests and tokens are allowed, remain, and when there are more, in seconds.
// Sources: https://platform.openai.com/docs/guides/rate-limits,
// https://docs.anthropic.com/en/api/rate-limits, https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
func appendLimits(dst []slog.Attr, h http.Header, now time.Time) []slog.Attr {
	for k := range h {
		if strings.HasPrefix(k, "X-Ratelimit-") || strings.HasPrefix(k, "Anthropic-Ratelimit-") {
			dst = appendRates(dst, h, now)
			break
		}
	}
	if ms, err := strconv.ParseUint(h.Get("Retry-After-Ms"), 10, 32); err == nil {
		return append(dst, slog.Float64(KeyRetryAfter, float64(ms)/1000))
	}
	if s, ok := seconds(h.Get("Retry-After"), now); ok {
		dst = append(dst, slog.Float64(KeyRetryAfter, s))
	}
	return dst
}

func appendRates(dst []slog.Attr, h http.Header, now time.Time) []slog.Attr {
	for _, of := range [...]string{"requests", "tokens", "input-tokens", "output-tokens"} {
		for _, what := range [...]string{"limit", "remaining", "reset"} {
			v := cmp.Or(h.Get("X-Ratelimit-"+what+"-"+of), h.Get("Anthropic-Ratelimit-"+of+"-"+what))
			key := keyLimitsPrefix + strings.ReplaceAll(of, "-", "_") + "_" + what
			if what == "reset" {
				if s, ok := seconds(v, now); ok {
					dst = append(dst, slog.Float64(key+"_s", s))
				}
			} else if n, err := strconv.ParseInt(v, 10, 64); err == nil {
				dst = append(dst, slog.Int64(key, n))
			}
		}
	}
	return dst
}

// seconds reads a wait: a number of seconds, a duration such as 6m0s, or a time.
func seconds(v string, now time.Time) (float64, bool) {
	const most = 1e9
	if v == "" {
		return 0, false
	}
	if s, err := strconv.ParseFloat(v, 64); err == nil {
		return s, s >= 0 && s <= most
	}
	if d, err := time.ParseDuration(v); err == nil {
		return d.Seconds(), d >= 0
	}
	at, err := time.Parse(time.RFC3339, v)
	if err != nil {
		at, err = http.ParseTime(v)
	}
	return max(0, at.Sub(now).Seconds()), err == nil
}

// resends returns how often the request was sent before: as the headers of OpenAI's,
// Anthropic's and Amazon's libraries say, else as httptel knows.
func resends(req *http.Request) int {
	n := httptel.Resends(req)
	if v, err := strconv.Atoi(req.Header.Get("X-Stainless-Retry-Count")); err == nil {
		n = max(n, v)
	}
	for part := range strings.SplitSeq(req.Header.Get("Amz-Sdk-Request"), ";") {
		if v, ok := strings.CutPrefix(strings.TrimSpace(part), "attempt="); ok {
			if i, err := strconv.Atoi(v); err == nil {
				n = max(n, i-1)
			}
		}
	}
	return max(0, min(n, 1<<20))
}
