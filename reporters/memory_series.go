package reporters

import (
	"fmt"
	"log/slog"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/slogtel"
)

// maxMemoryText is the most bytes of an error or of a plain value that are kept.
const maxMemoryText = 256

// A memorySeries is what is kept of a scope or of a metric. The key is immutable.
type memorySeries struct {
	hash          uint64
	scope, parent string
	typ           slogtel.MetricType

	mu     sync.Mutex // guards what follows
	count  int64      // calls of a scope, events of a metric
	depth  int        // of a scope: the least one seen
	errors int64
	total  int64         // nanoseconds of a scope, sum of a counter
	last   float64       // of a gauge
	min    float64       // of a gauge
	max    float64       // of a gauge
	plain  slog.Value    // last value of a plain metric; a string is in text
	text   []byte        // last error of a scope
	sketch sketch.Sketch // nanoseconds of a scope, values of a histogram
}

func (s *memorySeries) addTiming(t *slogtel.Timing) {
	d := max(0, t.Duration)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.count == 0 {
		s.depth = t.Depth
	}
	s.depth = min(s.depth, t.Depth)
	s.count++
	s.total = addInt(s.total, int64(d))
	s.sketch.Add(float64(d))
	if t.Error != "" {
		s.errors++
		s.text = appendCut(s.text[:0], t.Error)
	}
}

func (s *memorySeries) addCount(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	s.total = addInt(s.total, n)
}

func (s *memorySeries) addValue(v float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.typ == slogtel.TypeHistogram {
		s.sketch.Add(v)
		return
	}
	if s.count == 0 {
		s.min, s.max = v, v
	}
	s.count++
	s.last, s.min, s.max = v, min(s.min, v), max(s.max, v)
}

func (s *memorySeries) addPlain(v plainValue) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	s.plain = v.num
	s.text = appendCut(s.text[:0], v.text)
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
