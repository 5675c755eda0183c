package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/slogtest"
	"time"

	slogmulti "github.com/samber/slog-multi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers"
	"github.com/slogtel/telemetry/handlers/async"
	"github.com/slogtel/telemetry/handlers/redact"
	"github.com/slogtel/telemetry/handlers/sample"
	"github.com/slogtel/telemetry/handlers/slogjson"
	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/tailsample"
	"github.com/slogtel/telemetry/reporters/wide"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// stackable are the middlewares of this library, each set to pass on all that it is
// given, sooner or later.
var stackable = []struct {
	name string
	wrap slogmulti.Middleware
}{
	{"Scope", handlers.Scope()},
	{"Filter", handlers.Filter(all)},
	{"Redact", redact.New(nil)},
	{"Async", func(next slog.Handler) slog.Handler { return async.New(next, nil) }},
	{"Sample", sample.New(nil).Middleware},
	{"Aggregate", func(next slog.Handler) slog.Handler { return aggregate.New(next, byID) }},
	{"Wide", func(next slog.Handler) slog.Handler { return wide.New(next, nil) }},
	{"Tailsample", func(next slog.Handler) slog.Handler {
		return tailsample.New(next, &tailsample.Options{Rate: 1, Logs: true})
	}},
}

// The contract suite knows its records by an attribute.
var byID = &aggregate.Options{Keys: []string{"contract_id"}, SlowerThan: time.Hour}

// A stack is some of stackable, the outermost first.
type stack []int

func (s stack) String() string {
	names := make([]string, len(s))
	for i, m := range s {
		names[i] = stackable[m].name
	}
	return strings.Join(names, ",")
}

func (s stack) has(name string) bool { return strings.Contains(s.String(), name) }

// over returns the stack above sink.
func (s stack) over(sink slog.Handler) slog.Handler {
	for i := len(s) - 1; i >= 0; i-- {
		sink = stackable[s[i]].wrap(sink)
	}
	return sink
}

func flushOf(h slog.Handler) func(context.Context) error {
	return h.(interface{ Flush(context.Context) error }).Flush
}

func shutdownOf(h slog.Handler) func(context.Context) error {
	return h.(interface{ Shutdown(context.Context) error }).Shutdown
}

// stacks are all ways to stack n of them, in every order.
func stacks(n int) []stack {
	all := []stack{nil}
	for range n {
		var deeper []stack
		for _, s := range all {
			for m := range stackable {
				if !s.has(stackable[m].name) {
					deeper = append(deeper, append(s[:len(s):len(s)], m))
				}
			}
		}
		all = deeper
	}
	return all
}

// steady leaves out what is never the same twice in a summary. The time of records is.
func steady(_ []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case slog.TimeKey:
		a.Value = slog.StringValue("now")
	case slogtel.KeyInterval, slogtel.KeyRate:
		a = slog.Attr{}
	}
	return a
}

// TestStacksContract puts every middleware alone, two of them in every order, and every third
// stack of three through the contract suite.
func TestStacksContract(t *testing.T) {
	list := append(stacks(1), stacks(2)...)
	for i, s := range stacks(3) {
		if i%3 == 0 {
			list = append(list, s)
		}
	}
	require.Len(t, list, 8+8*7+8*7*6/3)
	for i, s := range list {
		if testing.Short() && len(s) > 1 && i%17 != 0 {
			continue // under the race detector all of them take minutes
		}
		t.Run(s.String(), func(t *testing.T) {
			var out *slogteltest.Buffer // one each: what was not flushed may still be on its way
			slogteltest.TestHandler(t, func(t *testing.T) slog.Handler {
				out = new(slogteltest.Buffer)
				return s.over(slogjson.New(out, &slog.HandlerOptions{ReplaceAttr: steady}))
			}, &slogteltest.Options{StandardQuirks: true, Results: func() []map[string]any { return out.JSON() }})
		})
	}
}

// TestStacksSlogtest does the same with the standard library's own suite.
func TestStacksSlogtest(t *testing.T) {
	for _, s := range append(stacks(1), stacks(3)...) {
		t.Run(s.String(), func(t *testing.T) {
			var out slogteltest.Buffer
			h := s.over(slog.NewJSONHandler(&out, nil))
			defer shutdownOf(h)(t.Context())
			assert.NoError(t, slogtest.TestHandler(h, func() []map[string]any {
				_ = flushOf(h)(context.Background())
				return out.JSON()
			}))
		})
	}
}

// TestStacksRedact plants secrets in every position of log records and of events, and
// looks for them behind every stack that has Redact in it.
func TestStacksRedact(t *testing.T) {
	secrets := []string{
		"AKIA" + "IOSFODNN7EXAMPLE", // an access key id, from its vendor's documentation
		"ghp_" + strings.Repeat("aB3dE6gH9", 4),
		"4111" + "111111111111", // a card number for tests
		"https://ann:" + "s3cr3tS3cr3t@example.com/",
	}
	for _, s := range stacks(3) {
		if !s.has("Redact") {
			continue
		}
		t.Run(s.String(), func(t *testing.T) {
			for _, secret := range secrets {
				var out slogteltest.Buffer
				h := s.over(slogjson.New(&out, nil))
				plant(t, h, secret)
				require.NoError(t, shutdownOf(h)(t.Context()))
				text := out.String()
				assert.NotEmpty(t, text)
				for _, form := range []string{secret, strings.Trim(fmt.Sprintf("%q", secret), `"`), "s3cr3tS3cr3t"} {
					assert.NotContains(t, text, form, s.String())
				}
			}
		})
	}
}

type holder struct {
	Note  string
	Inner map[string]any
}

// plant puts secret wherever a record can hold it.
func plant(t *testing.T, h slog.Handler, secret string) {
	t.Helper()
	ctx := t.Context()
	attrs := []slog.Attr{
		slog.String("note", "see "+secret),
		slog.Group("g", slog.String("deep", secret), slog.Group("h", slog.Any("deeper", errors.New(secret)))),
		slog.Any("err", fmt.Errorf("wrapped: %w", errors.New("refused "+secret))),
		slog.Any("map", map[string]any{"a": []any{secret, map[string]string{secret: "key"}}}),
		slog.Any("struct", &holder{Note: secret, Inner: map[string]any{"x": holder{Note: secret}}}),
		slog.Any("bytes", []byte(secret)),
		slog.Any("later", laterText(secret)),
	}
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, h)
	in, span := tel.Start(ctx, "job", attrs...)
	log := slog.New(h)
	log.LogAttrs(in, slog.LevelInfo, "said "+secret, attrs...)
	log.With(slog.Any("with", attrs[3].Value), slog.String("text", secret)).WithGroup("g").With("more", secret).InfoContext(in, secret, "last", secret)
	tel.Count(in, "n", 1, attrs...)
	tel.Gauge(in, "v", 1, attrs...)
	tel.Metric(in, "any", map[string]any{"text": secret})
	span.Fail(errors.New("failed with " + secret))
	span.End(attrs...)
	tel.Timing(in, "elsewhere", time.Hour, attrs...) // slow: an aggregate passes it on
}

type laterText string

func (l laterText) LogValue() slog.Value { return slog.StringValue(string(l)) }
