package reporters

import (
	"fmt"
	"log/slog"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/internal/tally"
	"github.com/slogtel/telemetry/slogtel"
)

// maxMemoryText is the most bytes of an error or of a plain value that are kept.
const maxMemoryText = 256

// A memorySeries is what is kept of a scope or of a metric.
type memorySeries struct {
	mu        sync.Mutex  // guards what follows
	count     tally.Total // calls of a scope, events of a metric; 0: none but those of summaries to come
	depth     int         // of a scope: the least one seen
	errors    tally.Total
	total     tally.Total   // nanoseconds of a scope, sum of a counter
	last      float64       // of a gauge
	min, max  float64       // of what the sketch is of, and of a gauge
	plain     slog.Value    // last value of a plain metric; a string is in text
	text      []byte        // last error of a scope
	sketch    sketch.Sketch // nanoseconds of a scope, values of a histogram; maybe not of all
	restCount tally.Total   // of those that are not in the sketch
	restSum   tally.Sum     // of the values of a histogram that are not in the sketch
}

func (s *memorySeries) empty() bool { return s.count == tally.Total{} }

func (s *memorySeries) addTiming(t *slogtel.Timing, weight float64) {
	d := max(0, t.Duration)
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.Error != "" {
		s.text = appendCut(s.text[:0], t.Error)
	}
	if t.InSummary {
		return
	}
	s.at(t.Depth)
	s.between(float64(d), float64(d))
	s.count.AddInt(1, weight)
	s.total.AddInt(int64(d), weight)
	s.sketch.AddWeighted(float64(d), weight)
	if t.Error != "" {
		s.errors.AddInt(1, weight)
	}
}

func (s *memorySeries) addCount(v int64, weight float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count.AddInt(1, weight)
	s.total.AddInt(v, weight)
}

func (s *memorySeries) addValue(v, weight float64, distribution bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.between(v, v)
	s.count.AddInt(1, weight)
	s.last = v
	if distribution {
		s.sketch.AddWeighted(v, weight)
	}
}

func (s *memorySeries) addPlain(v plainValue, weight float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count.AddInt(1, weight)
	s.plain = v.num
	s.text = appendCut(s.text[:0], v.text)
}

// at notes the depth of an event, and between the least and the greatest value of some;
// both before count does.
func (s *memorySeries) at(depth int) {
	if s.empty() {
		s.depth = depth
	}
	s.depth = min(s.depth, depth)
}

func (s *memorySeries) between(least, most float64) {
	if s.empty() {
		s.min, s.max = least, most
	}
	s.min, s.max = min(s.min, least), max(s.max, most)
}

// plainValue is a value of a plain metric, without what belongs to the caller.
type plainValue struct {
	num  slog.Value // a number or a bool, or else the nil Value
	text string     // in full, where num is the nil Value
}

// plainValueOf may call methods of the value, so not under a lock.
func plainValueOf(v slog.Value) plainValue {
	v = v.Resolve()
	switch v.Kind() {
	case slog.KindInt64, slog.KindUint64, slog.KindFloat64, slog.KindBool:
		return plainValue{num: v}
	case slog.KindString:
		return plainValue{text: v.String()}
	case slog.KindDuration:
		return plainValue{text: v.Duration().String()}
	case slog.KindTime:
		return plainValue{text: v.Time().Format(time.RFC3339Nano)}
	case slog.KindGroup:
		return plainValue{text: fmt.Sprintf("group of %d", len(v.Group()))}
	}
	return plainValue{text: anyText(v.Any())}
}

// anyText is the text that v has for itself, and otherwise its type: what is
// behind a value of any type can be as large as the heap.
func anyText(v any) (text string) {
	defer func() {
		if recover() != nil { // the method of a nil pointer, usually
			text = fmt.Sprintf("%T", v)
		}
	}()
	switch v := v.(type) {
	case error:
		return v.Error()
	case fmt.Stringer:
		return v.String()
	}
	return fmt.Sprintf("%T", v)
}

// appendCut appends text, or as many of its runes as fit into maxMemoryText bytes
// and a mark.
func appendCut(dst []byte, text string) []byte {
	if len(text) <= maxMemoryText {
		return append(dst, text...)
	}
	n := maxMemoryText
	for n > maxMemoryText-utf8.UTFMax && !utf8.RuneStart(text[n]) {
		n--
	}
	return append(append(dst, text[:n]...), "…"...)
}
