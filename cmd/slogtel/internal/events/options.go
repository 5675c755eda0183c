package events

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"strconv"
	"time"

	"github.com/slogtel/telemetry/slogtel"
)

// DefaultMaxLine is the length of a line above which it is bad, where Options do not say.
const DefaultMaxLine = 16 << 20

// Options say what to read and which events to hand on. Only Inputs are required.
type Options struct {
	// Inputs are files, patterns of [path/filepath.Match], URLs as package remote has them, or "-" for standard input.
	// What is compressed with gzip or zstd is known by its content.
	Inputs []string
	Stdin  io.Reader // what "-" is; nil is os.Stdin

	// StdinName is what positions call standard input; "" is "-".
	StdinName string

	// Scope is a pattern of scope paths: * stands for any characters, dots too, and
	// ? for one. Empty is every scope.
	Scope string

	// Since and Until bound the times at which events ended, [Since, Until). The zero
	// time is no bound. An event without a time is outside of any.
	Since, Until time.Time

	// Where are conditions that all must hold.
	Where []Condition

	// Attrs asks for all attributes. Otherwise an event has those of Keys, in no
	// certain order, which costs less.
	Attrs bool
	Keys  []string

	// Once leaves out events that have been read before, as overlapping exports have them:
	// those with a span_id that are the same in all that tells events apart. A metric is known again
	// only if its time is finer than a microsecond: otherwise it may be another one of the
	// same value. One to three millions of events are remembered; of more, those are forgotten
	// whose times came first, and Counts.Unknown says of how many events.
	Once bool

	// MaxLine is the most bytes of a line; a longer one is bad. Zero is DefaultMaxLine.
	MaxLine int

	// Workers of Read; zero is one for each processor that may be used.
	Workers int

	// OnBad is told of lines that are torn or invalid, where they are and why. It is not
	// called concurrently. With Read the order is not that of the lines.
	OnBad func(Position, error)

	// OnText is shown each line that is no event, without what a shipper put around it: an app's ordinary log, or one that
	// has events inside of it, and maybe logs (around). Workers call it concurrently. It is not to keep the line.
	OnText func(at Position, line []byte, around bool)

	// Progress is told now and then how far the reader is. It is not called concurrently.
	Progress func(Progress)
}

// Progress says how far a reader is.
type Progress struct {
	Done, Total int64 // bytes of the inputs; Total is negative when it is not known
	End         bool  // nothing comes after this
}

// Field returns what the event has under a key of the schema or, failing that, the
// attribute with this key.
func (e *Event) Field(key string) (value string, ok bool) {
	switch key {
	case slogtel.KeyScope:
		return e.Scope, true
	case slogtel.KeyParentScope:
		return e.Parent, true
	case slogtel.KeyMetricType:
		return string(e.Type), true
	case slogtel.KeyTraceID:
		return e.TraceID, e.TraceID != ""
	case slogtel.KeySpanID:
		return e.SpanID, e.SpanID != ""
	case slogtel.KeyParentSpanID:
		return e.ParentSpanID, e.ParentSpanID != ""
	case slogtel.KeyError:
		return e.Error, e.Error != ""
	case slogtel.KeyCanceled:
		if e.Canceled {
			return "true", true
		}
		return "", false
	case slogtel.KeyUnit:
		return e.Unit, e.Unit != ""
	case slogtel.KeyDepth:
		return strconv.Itoa(e.Depth), true
	case slogtel.KeyCallCount:
		return strconv.FormatInt(e.CallCount, 10), e.Kind == Timing
	case slogtel.KeySampleRate:
		return strconv.FormatFloat(e.SampleRate, 'g', -1, 64), true
	case slogtel.KeyValue:
		return e.valueText(), e.Kind == Metric
	case slog.LevelKey:
		return e.Level.String(), true
	}
	return e.Attr(key)
}

// valueText is the value of a metric as text, and "" for any other event.
func (e *Event) valueText() string {
	switch {
	case e.Kind != Metric:
		return ""
	case e.Whole:
		return strconv.FormatInt(e.Int, 10)
	case e.Text != "":
		if m := (Member{Value: []byte(e.Text)}); m.IsString() {
			return m.Text()
		}
		return e.Text
	}
	return strconv.FormatFloat(e.Value, 'g', -1, 64)
}

func (o *Options) withDefaults() (Options, error) {
	d := *o
	if d.Stdin == nil {
		d.Stdin = os.Stdin
	}
	if d.StdinName == "" {
		d.StdinName = stdinName
	}
	if d.MaxLine <= 0 {
		d.MaxLine = DefaultMaxLine
	}
	if d.Workers <= 0 {
		d.Workers = runtime.GOMAXPROCS(0)
	}
	if d.OnBad == nil {
		d.OnBad = func(Position, error) {}
	}
	if d.OnText == nil {
		d.OnText = func(Position, []byte, bool) {}
	}
	if d.Progress == nil {
		d.Progress = func(Progress) {}
	}
	if len(d.Inputs) == 0 {
		return d, fmt.Errorf("no input")
	}
	for _, c := range d.Where {
		d.Keys = append(d.Keys[:len(d.Keys):len(d.Keys)], c.Key)
	}
	return d, nil
}
