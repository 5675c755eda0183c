package bench

import (
	"context"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/m-mizutani/masq"

	"github.com/slogtel/telemetry/handlers/redact"
	"github.com/slogtel/telemetry/handlers/slogjson"
)

// byName is what an app writes by hand: a few names, in ReplaceAttr.
func byName(_ []string, a slog.Attr) slog.Attr {
	switch strings.ToLower(a.Key) {
	case "password", "token", "api_key", "authorization", "cookie", "secret":
		a.Value = slog.StringValue("[REDACTED]")
	}
	return a
}

// shapes are those of the tokens, cards, URLs and pairs that one would look for first.
var shapes = regexp.MustCompile(`sk-[A-Za-z0-9_-]{20,}|gh[pousr]_[A-Za-z0-9]{20,}|AIza[A-Za-z0-9_-]{16,}|AKIA[A-Z0-9]{16}|xox[abp]-[A-Za-z0-9-]{10,}|` +
	`eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+|(?i:bearer|basic) [A-Za-z0-9._~+/=-]+|://[^/\s:@]*:[^/\s@]+@|\b[3-6][0-9]{12,18}\b|` +
	`(?i:password|token|api_key|secret)[=:]\s*\S+|-----BEGIN [A-Z ]*PRIVATE KEY-----`)

// byNameAndShape is byName, and a regular expression on each text.
func byNameAndShape(groups []string, a slog.Attr) slog.Attr {
	a = byName(groups, a)
	switch a.Value.Kind() {
	case slog.KindString:
		if s := a.Value.String(); shapes.MatchString(s) {
			a.Value = slog.StringValue(shapes.ReplaceAllString(s, "[REDACTED]"))
		}
	case slog.KindAny:
		if err, ok := a.Value.Any().(error); ok && shapes.MatchString(err.Error()) {
			a.Value = slog.StringValue(shapes.ReplaceAllString(err.Error(), "[REDACTED]"))
		}
	}
	return a
}

// byMasq is github.com/m-mizutani/masq (Apache-2.0) with the same names and shapes.
var byMasq = masq.New(masq.WithFieldName("password"), masq.WithFieldName("token"), masq.WithFieldName("api_key"), masq.WithFieldName("authorization"),
	masq.WithFieldName("cookie"), masq.WithFieldName("secret"), masq.WithRegex(shapes))

// BenchmarkRedact sets a handler with package redact before it beside the bare one, beside masq, and beside
// what is done by hand. The records of the first part hold nothing to hide.
func BenchmarkRedact(b *testing.B) {
	dirty := appRecord(5)
	dirty.AddAttrs(slog.String("api_key", "k-0123456789"), slog.String("url", "https://user:s3cretpass@example.com/x"))
	for _, rec := range []struct {
		name string
		r    slog.Record
	}{{"clean timing", timingRecord()}, {"clean log of 10", appRecord(10)}, {"clean groups", groupRecord()}, {"dirty log of 7", dirty}} {
		for _, bc := range []struct {
			name string
			h    slog.Handler
		}{
			{"slogtel", redact.New(nil)(slogjson.New(io.Discard, nil))},
			{"slogtel, bare", slogjson.New(io.Discard, nil)},
			{"slog.JSONHandler, bare", slog.NewJSONHandler(io.Discard, nil)},
			{"slog.JSONHandler, masq", slog.NewJSONHandler(io.Discard, &slog.HandlerOptions{ReplaceAttr: byMasq})},
			{"slog.JSONHandler, six names by hand", slog.NewJSONHandler(io.Discard, &slog.HandlerOptions{ReplaceAttr: byName})},
			{"slog.JSONHandler, names and regexp by hand", slog.NewJSONHandler(io.Discard, &slog.HandlerOptions{ReplaceAttr: byNameAndShape})},
		} {
			b.Run(rec.name+"/"+bc.name, func(b *testing.B) {
				ctx := context.Background()
				parallel(b, func() {
					_ = bc.h.Handle(ctx, rec.r)
				})
			})
		}
	}
}
