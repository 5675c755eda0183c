package memory_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
)

// sampleRun records one of everything, always the same.
func sampleRun(ctx context.Context, tel *slogtel.Telemetry, mem *memory.Handler) {
	timing := func(path, parent string, depth int, seconds float64, failure string) {
		_ = mem.Handle(ctx, testkit.Timing(path, parent, depth, seconds, failure))
	}
	timing("pipeline", "", 0, 10, "")
	timing("pipeline.plan", "pipeline", 1, 1.5, "")
	for i := range 100 {
		timing("pipeline.call", "pipeline", 1, 0.001*float64(i*i), "") // three at a time
		timing("pipeline.call.http", "pipeline.call", 2, 0.0009*float64(i*i), "")
	}
	timing("pipeline.call", "pipeline", 1, 30, "status 503: \x1b[2Jtry\nlater")
	timing("batch.upload", "batch", 4, 0.25, "") // batch is still open
	for i := range 3 {
		timing(fmt.Sprintf("beyond.the.cap%d", i), "", 0, 1, []string{"", "x"}[i%2])
	}
	in, _ := tel.Start(ctx, "pipeline")
	tel.Count(in, "tokens", 123_456_789)
	tel.Count(in, "tokens", 1)
	tel.Gauge(in, "budget", 0.82)
	tel.Gauge(in, "budget", 0.4)
	for i := range 1000 {
		tel.Histogram(in, "size", float64(i))
	}
	tel.Metric(in, "model", "gemini\x07-2\u202e")
	tel.Metric(in, "batches", 12)
	tel.Metric(in, "beyond_the_cap", 12)
}

// golden compares got with a file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	testkit.Golden(t, filepath.Join("testdata", name), got)
}

func TestReportGolden(t *testing.T) {
	mem, tel := withMemory(&memory.Options{MaxSeries: 5})
	sampleRun(t.Context(), tel, mem)
	golden(t, "report.txt", mem.Report())
	assert.Equal(t, mem.Report(), mem.Report())
}

// treeOf returns the first and the last column of a report's tree.
func treeOf(report string) []string {
	tree, _, _ := strings.Cut(report, "\n\n")
	var rows []string
	for _, line := range strings.Split(strings.TrimSuffix(tree, "\n"), "\n")[1:] {
		name := strings.TrimRight(line[:len(line)-len(strings.TrimLeft(line, " "))], "")
		fields := strings.Fields(line)
		rows = append(rows, name+fields[0]+" "+fields[len(fields)-1])
	}
	return rows
}

func TestTree(t *testing.T) {
	type call struct {
		path, parent string
		depth        int
		seconds      float64
	}
	for name, test := range map[string]struct {
		calls []call
		want  []string
	}{
		"children may overlap": {
			[]call{{"a", "", 0, 2}, {"a.b", "a", 1, 3}, {"a.c", "a", 1, 1}},
			[]string{"a -", "  b 150%", "  c 50%"},
		},
		"parent without time": {
			[]call{{"a", "", 0, 0}, {"a.b", "a", 1, 3}, {"a.c", "a", 1, 0}},
			[]string{"a -", "  b -", "  c -"},
		},
		"child without time": {
			[]call{{"a", "", 0, 1}, {"a.b", "a", 1, 0}, {"a.c", "a", 1, 1e-9}},
			[]string{"a -", "  c <0.1%", "  b 0%"},
		},
		"parent never seen": {
			[]call{{"z", "", 0, 2}, {"a.b.c", "a.b", 2, 3}, {"a.d", "a", 1, 5}},
			[]string{"a -", "  d -", "  b -", "    c -", "z -"},
		},
		"parent never seen below one that was": {
			[]call{{"a", "", 0, 6}, {"a.b.c", "a.b", 2, 3}},
			[]string{"a -", "  b -", "    c -"},
		},
		"one path, two places": {
			[]call{{"a", "", 0, 8}, {"a.b", "", 0, 4}, {"a.b", "a", 1, 2}, {"a.b.x", "a.b", 1, 1}, {"a.b.y", "a.b", 2, 3}},
			[]string{"a -", "  b 25%", "    y 50%", "a.b -", "  x 16.7%"},
		},
		"foreign parent": {
			[]call{{"far.away", "", 0, 4}, {"near", "far.away", 1, 1}},
			[]string{"far.away -", "  near 25%"},
		},
		"its own parent": {
			[]call{{"a", "a", 0, 4}},
			[]string{"a 100%"},
		},
		"each other's parents": {
			[]call{{"a", "b", 0, 4}, {"b", "c", 0, 1}, {"c", "a", 3, 1}, {"d", "", 0, 1}},
			[]string{"d -", "a 400%", "  c 25%", "    b 100%"},
		},
		"no path": {
			[]call{{"a", "", 0, 4}, {"b", "", 0, 1}},
			[]string{"a -", "b -"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, backwards := range []bool{false, true} {
				mem := memory.New(nil)
				for i := range test.calls {
					if backwards {
						i = len(test.calls) - 1 - i
					}
					c := test.calls[i]
					testkit.Handle(t, mem, testkit.Timing(c.path, c.parent, c.depth, c.seconds, ""))
				}
				assert.Equal(t, test.want, treeOf(mem.Report()))
				assert.Len(t, mem.Snapshot().Scopes, len(test.calls), "nothing is lost")
			}
		})
	}
}

// The same path by two ways through Start: both are kept.
func TestSamePathTwoParents(t *testing.T) {
	mem, tel := withMemory(nil)
	_, s := tel.Start(t.Context(), "a.b")
	s.End()
	ctx, a := tel.Start(t.Context(), "a")
	_, s = tel.Start(ctx, "b")
	s.End()
	a.End()
	var got []string
	for _, s := range mem.Snapshot().Scopes {
		got = append(got, fmt.Sprintf("%s in %q: %d", s.Scope, s.ParentScope, s.Calls))
	}
	assert.Equal(t, []string{`a in "": 1`, `a.b in "": 1`, `a.b in "a": 1`}, got)

	testkit.Handle(t, mem, testkit.Timing("x", "q", 0, 1, ""), testkit.Timing("x", "p", 0, 1, ""))
	for i, s := range mem.Snapshot().Scopes[3:] {
		assert.Equal(t, []string{"p", "q"}[i], s.ParentScope)
	}
}

func TestDeepTree(t *testing.T) {
	mem, tel := withMemory(nil)
	ctx := t.Context()
	var spans []*slogtel.Span
	for range 100 {
		var s *slogtel.Span
		ctx, s = tel.Start(ctx, "level")
		spans = append(spans, s)
	}
	for _, s := range spans {
		s.End()
	}
	assert.Len(t, treeOf(mem.Report()), 100)
	for line := range strings.Lines(mem.Report()) {
		assert.Less(t, len(line), 200)
	}
}

// memoryHostile are names and texts that try to act on a terminal or on the report.
var memoryHostile = []string{
	"\x1b[31mred\x1b[0m", "a\nforged 1 0 1s", "\r\x08\x7f", "\u009b2J", "\x9b2J", "\xff\xfe", "bidi\u202egnp.exe",
	"\u2066x\u2069", "a\tb", "\x00", strings.Repeat("\x1b", 5000), strings.Repeat("w", 5000), "\u2028\u2029", "日本語", "", ".", "..a..",
	`\x1b[2J`,
}

func checkReport(t *testing.T, report string, lines int) {
	t.Helper()
	assert.True(t, utf8.ValidString(report))
	assert.Equal(t, lines, strings.Count(report, "\n"), "%q", report)
	for _, r := range report {
		if r != '\n' && unicode.IsControl(r) || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			t.Fatalf("%U in %q", r, report)
		}
	}
	for line := range strings.Lines(report) {
		assert.Less(t, utf8.RuneCountInString(line), 260)
	}
}

func TestHostileNames(t *testing.T) {
	for _, name := range memoryHostile {
		mem, tel := withMemory(nil)
		tel.Timing(t.Context(), name, time.Second)
		ctx, s := tel.Start(t.Context(), name)
		tel.Count(ctx, name, 1)
		tel.Gauge(ctx, name, 1)
		tel.Histogram(ctx, name, 1)
		tel.Metric(ctx, name, name)
		s.Fail(errors.New(name + "."))
		s.End()
		checkReport(t, mem.Report(), 6*3+1)
		testkit.Handle(t, mem, testkit.Timing(name, name+"x", 1, 1, name))
	}
}

func FuzzReport(f *testing.F) {
	for _, name := range memoryHostile {
		f.Add(name, "a", 1, 0.5)
	}
	f.Add("a", "a", 0, -1.0)
	f.Add("a.b.c", "a.b", 0, 1e300)
	f.Fuzz(func(t *testing.T, path, parent string, depth int, seconds float64) {
		mem := memory.New(nil)
		for _, r := range []slog.Record{
			testkit.Timing(path, parent, depth, seconds, parent),
			testkit.Timing(parent, path, depth+1, seconds/2, path),
			testkit.Metric(path, slogtel.TypePlain, slog.StringValue(parent)),
			testkit.Metric(path, slogtel.TypeHistogram, slog.Float64Value(seconds)),
		} {
			_ = mem.Handle(t.Context(), r)
		}
		report := mem.Report()
		checkReport(t, report, strings.Count(report, "\n"))
		s := mem.Snapshot()
		var calls int64
		for _, scope := range s.Scopes {
			calls += scope.Calls
		}
		if calls+s.Forgotten.Timings != 2 {
			t.Errorf("%d calls of 2, %+v", calls, s.Forgotten)
		}
		listed := len(treeOf(report))
		if len(s.Scopes) > 0 && listed < len(s.Scopes) {
			t.Errorf("%d of %d scopes are in the report:\n%s", listed, len(s.Scopes), report)
		}
	})
}
