package page

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/slogtel"
)

// built is the program, built once.
var built struct {
	once sync.Once
	dir  string
	out  []byte
	err  error
}

// slogtelHTML runs "slogtel html" on a file, in its folder, and returns the page.
func slogtelHTML(t *testing.T, file string, flags ...string) string {
	t.Helper()
	chromium(t)
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "slogtel-html-"); built.err != nil {
			return
		}
		cmd := exec.Command("go", "build", "-o", built.dir, "./cmd/slogtel")
		cmd.Dir = filepath.Join("..", "..")
		built.out, built.err = cmd.CombinedOutput()
	})
	require.NoError(t, built.err, "%s", built.out)
	page := filepath.Join(t.TempDir(), "report.html")
	cmd := exec.Command(filepath.Join(built.dir, "slogtel"), append([]string{"html", filepath.Base(file), "-o", page}, flags...)...)
	cmd.Dir = filepath.Dir(file)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	t.Logf("%s", out)
	return page
}

// start is when the made-up server starts.
var start = time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)

// A server writes what a made-up server would have reported, by the JSON reporter: an
// hour of requests at most, of which some minutes are slow.
type server struct {
	handler slog.Handler
	rand    *rand.Rand
	calls   map[string]int64
	errors  map[string]int64
	events  int
}

// serve writes about n events to a file and returns it.
func serve(t *testing.T, n int) (string, *server) {
	t.Helper()
	chromium(t) // no need to make what nobody looks at
	file := filepath.Join(t.TempDir(), "telemetry.jsonl")
	f, err := os.Create(file)
	require.NoError(t, err)
	w := bufio.NewWriterSize(f, 1<<20)
	s := &server{
		handler: jsonlines.New(w, nil), rand: rand.New(rand.NewPCG(1, 2)),
		calls: make(map[string]int64), errors: make(map[string]int64),
	}
	apart := float64(time.Hour) * 7 / float64(n) // a request is 7 events, about
	for at := start; s.events < n; at = at.Add(time.Duration(s.rand.ExpFloat64() * apart)) {
		s.request(at)
	}
	require.NoError(t, w.Flush())
	require.NoError(t, f.Close())
	return file, s
}

func (s *server) record(at time.Time, message string, attrs []slog.Attr) {
	r := slog.NewRecord(at, slog.LevelInfo, message, 0)
	r.AddAttrs(attrs...)
	if err := s.handler.Handle(context.Background(), r); err != nil {
		panic(err)
	}
	s.events++
}

// A call is one of a scope, with its place in a trace.
type call struct {
	scope, parent string
	depth         int
	trace, id, up string
}

func (c call) child(name, id string) call {
	return call{scope: c.scope + "." + name, parent: c.scope, depth: c.depth + 1, trace: c.trace, id: id, up: c.id}
}

func (s *server) timing(c call, from time.Time, took time.Duration, failure string, attrs ...slog.Attr) time.Time {
	s.calls[c.scope]++
	end := from.Add(took)
	list := []slog.Attr{
		slog.String(slogtel.KeyScope, c.scope), slog.Int(slogtel.KeyDepth, c.depth), slog.String(slogtel.KeyParentScope, c.parent),
		slog.String(slogtel.KeyMetricType, string(slogtel.TypeTiming)), slog.Int64(slogtel.KeyCallCount, s.calls[c.scope]),
		slog.Float64(slogtel.KeyDuration, took.Seconds()),
		slog.Float64(slogtel.KeyStartMonotonic, from.Sub(start).Seconds()), slog.Float64(slogtel.KeyEndMonotonic, end.Sub(start).Seconds()),
		slog.Float64(slogtel.KeyStartWall, seconds(from)), slog.Float64(slogtel.KeyEndWall, seconds(end)),
		slog.String(slogtel.KeyTraceID, c.trace), slog.String(slogtel.KeySpanID, c.id), slog.String(slogtel.KeyParentSpanID, c.up),
	}
	if failure != "" {
		s.errors[c.scope]++
		list = append(list, slog.String(slogtel.KeyError, failure))
	}
	s.record(end, slogtel.MessageTiming, append(list, attrs...))
	return end
}

func (s *server) metric(c call, kind slogtel.MetricType, name string, at time.Time, v slog.Value) {
	s.record(at, slogtel.MessageMetric, []slog.Attr{
		slog.String(slogtel.KeyScope, c.scope+"."+name), slog.Int(slogtel.KeyDepth, c.depth+1), slog.String(slogtel.KeyParentScope, c.scope),
		slog.String(slogtel.KeyMetricType, string(kind)), {Key: slogtel.KeyValue, Value: v},
		slog.String(slogtel.KeyTraceID, c.trace), slog.String(slogtel.KeySpanID, c.id),
	})
}

func seconds(t time.Time) float64 { return float64(t.UnixNano()) / 1e9 }

// around returns a duration from a log-normal distribution with this median.
func (s *server) around(median time.Duration) time.Duration {
	return time.Duration(float64(median) * math.Exp(0.5*s.rand.NormFloat64()))
}

func (s *server) id() string { return fmt.Sprintf("%016x", s.rand.Uint64()|1) }

var failures = []string{
	"context deadline exceeded", "429 Too Many Requests: the quota of model pro is used up",
	"read tcp 10.0.0.7:443: connection reset by peer", "unexpected end of JSON input",
}

func (s *server) request(at time.Time) {
	slow := at.Sub(start) > 22*time.Minute && at.Sub(start) < 29*time.Minute
	name := []string{"server.summarize", "server.status", "server.upload"}[s.rand.IntN(3)]
	root := call{scope: name, trace: s.id() + s.id(), id: s.id()}
	cur := s.timing(root.child("auth", s.id()), at.Add(s.around(200*time.Microsecond)), s.around(800*time.Microsecond), "")
	failure := ""
	if name == "server.summarize" {
		cur, failure = s.summarize(root, cur, slow)
	} else {
		cur = s.timing(root.child("store", s.id()), cur, s.around(6*time.Millisecond), "", slog.String("table", "jobs"))
	}
	cur = s.timing(root.child("render", s.id()), cur, s.around(3*time.Millisecond), "")
	s.timing(root, at, cur.Sub(at), failure, slog.String("method", "POST"))
	if s.rand.IntN(8) == 0 {
		busy := 2 + float64(s.rand.IntN(6))
		if slow {
			busy *= 5
		}
		s.metric(call{scope: "server"}, slogtel.TypeGauge, "in_flight", cur, slog.Float64Value(busy))
	}
}

// summarize calls a model a few times at once.
func (s *server) summarize(root call, at time.Time, slow bool) (end time.Time, failure string) {
	fan := root.child("model", s.id())
	n := 1 + s.rand.IntN(4)
	for i := range n {
		model := slog.String("model", []string{"flash", "pro"}[i%2])
		took := s.around(45 * time.Millisecond)
		if slow {
			took *= 4
		}
		failed := ""
		if s.rand.IntN(90) == 0 || slow && s.rand.IntN(14) == 0 {
			failed = failures[s.rand.IntN(len(failures))]
			failure = "summarize: " + failed
		}
		one := fan.child("call", s.id())
		from := at.Add(s.around(300 * time.Microsecond))
		sent := s.timing(one.child("encode", s.id()), from, took/12, "")
		s.timing(one.child("transport", s.id()), sent, took*10/12, failed, model)
		done := s.timing(one, from, took, failed, model, slog.Int("attempt", 1))
		s.metric(one, slogtel.TypeHistogram, "tokens", done, slog.Float64Value(100+2000*s.rand.Float64()))
		if done.After(end) {
			end = done
		}
	}
	s.timing(fan, at, end.Sub(at), failure)
	s.metric(root, slogtel.TypeCounter, "calls", end, slog.IntValue(n))
	return end, failure
}
