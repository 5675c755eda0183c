package reporters_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/console"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/reporters/tailsample"
	"github.com/slogtel/telemetry/reporters/wide"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// TestContract puts every handler of this package through the contract suite. A
// new one joins by a line.
func TestContract(t *testing.T) {
	var out slogteltest.Buffer
	var file lastFile
	text := &slogteltest.Options{Output: out.String}
	inFile := &slogteltest.Options{Output: file.read, StandardQuirks: true}
	standard := &slogteltest.Options{Results: out.JSON, StandardQuirks: true}
	for _, c := range []struct {
		name string
		new  func(t *testing.T) slog.Handler
		opts *slogteltest.Options
	}{
		{"NewHandler", func(*testing.T) slog.Handler { return slogtel.NewHandler(printer{&out}) }, text},
		{"console", func(*testing.T) slog.Handler { return console.New(&out, nil) }, text},
		{"console Tree", func(*testing.T) slog.Handler { return console.New(&out, &console.Options{Tree: true}) }, text},
		{"jsonlines", func(*testing.T) slog.Handler { return jsonlines.New(&out, nil) }, standard},
		{"jsonlines ECS", func(*testing.T) slog.Handler {
			return jsonlines.New(&out, &jsonlines.Options{Schema: jsonlines.ECS})
		}, text},
		{"jsonlines ReplaceAttr", func(*testing.T) slog.Handler {
			return jsonlines.New(&out, &jsonlines.Options{ReplaceAttr: showGroups})
		}, &slogteltest.Options{Output: out.String, StandardQuirks: true}},
		{"jsonlines ECS ReplaceAttr", func(*testing.T) slog.Handler {
			return jsonlines.New(&out, &jsonlines.Options{Schema: jsonlines.ECS, ReplaceAttr: showGroups})
		}, text},
		{"jsonlines file", func(t *testing.T) slog.Handler { return file.open(t, nil) }, inFile},
		{"jsonlines file buffered", func(t *testing.T) slog.Handler {
			return file.open(t, &jsonlines.FileOptions{BufferSize: 1 << 16, MaxSize: 1 << 30, Compress: true})
		}, inFile},
		{"wide", func(*testing.T) slog.Handler { return wide.New(jsonlines.New(&out, nil), nil) }, standard},
		{"tailsample", func(*testing.T) slog.Handler {
			return tailsample.New(jsonlines.New(&out, nil), &tailsample.Options{Rate: 1, Logs: true})
		}, standard},
		{"tailsample with Rest", func(*testing.T) slog.Handler {
			return tailsample.New(jsonlines.New(&out, nil), &tailsample.Options{Rate: -1, Rest: jsonlines.New(&out, nil)})
		}, standard},
		{"memory", func(*testing.T) slog.Handler { return memory.New(nil) }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			slogteltest.TestHandler(t, func(t *testing.T) slog.Handler {
				out.Reset()
				return c.new(t)
			}, c.opts)
		})
	}
}

// showGroups makes it seen which groups a ReplaceAttr function is told of.
func showGroups(groups []string, a slog.Attr) slog.Attr {
	a.Key = strings.Join(append(groups[:len(groups):len(groups)], a.Key), "/")
	return a
}

// lastFile is the path of the JSON file that was opened last.
type lastFile string

func (f *lastFile) open(t *testing.T, opts *jsonlines.FileOptions) slog.Handler {
	*f = lastFile(filepath.Join(t.TempDir(), "telemetry.jsonl"))
	h, err := jsonlines.Open(string(*f), opts)
	require.NoError(t, err)
	return h
}

func (f *lastFile) read() string {
	text, _ := os.ReadFile(string(*f)) // what is not there is missed by the suite
	return string(text)
}

// printer is a Reporter that prints what it is told.
type printer struct{ out *slogteltest.Buffer }

func (p printer) RecordTiming(_ context.Context, t slogtel.Timing) error {
	_, err := fmt.Fprintf(p.out, "%q %v %v\n", t.Scope, t.Duration, t.Attrs)
	return err
}

func (p printer) RecordMetric(_ context.Context, m slogtel.Metric) error {
	_, err := fmt.Fprintf(p.out, "%q %v %v\n", m.Scope, m.Value, m.Attrs)
	return err
}
