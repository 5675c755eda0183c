package prometheus

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	"github.com/slogtel/telemetry/internal/allow"
	"github.com/slogtel/telemetry/internal/anytext"
	"github.com/slogtel/telemetry/slogtel"
)

const maxLabelKeys = 16

// separator stands behind each label's value in a key. UTF-8 has no such byte.
const separator = 0xFF

// labelKeys are the attributes that become labels. It is immutable.
type labelKeys struct {
	*allow.List
	names []string // of the labels; with ScopeLabel there is one more than slots
	scope bool     // the last label is the path
}

func newLabelKeys(keys []string, scopeLabel, utf8Names bool) (*labelKeys, error) {
	list, err := allow.New("LabelKeys", "label", maxLabelKeys, keys, labelName)
	if err != nil {
		return nil, fmt.Errorf("prometheus: %w", err)
	}
	l := &labelKeys{List: list, scope: scopeLabel}
	for i := range l.Len() {
		name := l.Name(i)
		if utf8Names {
			name = utf8LabelName(keys[i])
		}
		l.names = append(l.names, name)
	}
	if scopeLabel {
		l.names = append(l.names, slogtel.KeyScope)
	}
	return l, nil
}

// split returns the values of labels and the path that a key of a series is made of.
func (l *labelKeys) split(key string) (values []string, path string) {
	n := l.Len()
	values = strings.SplitN(key[1:], string([]byte{separator}), n+1)
	return values[:n:n], values[n]
}

// lists reports whether a is one of the labels, or all that is in a.
func (l *labelKeys) lists(a slog.Attr) bool {
	var found foundLabels
	l.find(&found, nil, []slog.Attr{a})
	return found.set != 0
}

// foundLabels are the values of an event, by slot.
type foundLabels struct {
	set    uint32 // a bit for each slot
	values [maxLabelKeys]slog.Value
}

func (f *foundLabels) has(slot int) bool { return f.set&(1<<slot) != 0 }

// find puts into f what is listed among attrs, which are in the groups of open. Of
// what comes twice the last counts.
func (l *labelKeys) find(f *foundLabels, open []byte, attrs []slog.Attr) {
	l.Find(open, attrs, func(slot int, v slog.Value) {
		f.set |= 1 << slot
		f.values[slot] = v
	})
}

// boundLabels are the values that WithAttrs has given, by slot; nil: none. They are
// immutable and clean.
type boundLabels []boundLabel

type boundLabel struct {
	text string
	cut  bool
}

// with returns b and what is listed among attrs, which are in the groups of open.
func (l *labelKeys) with(b boundLabels, open string, attrs []slog.Attr) boundLabels {
	var found foundLabels
	l.find(&found, []byte(open), attrs)
	if found.set == 0 {
		return b
	}
	next := make(boundLabels, l.Len())
	copy(next, b)
	for i := range next {
		if found.has(i) {
			text, cut := appendValue(nil, found.values[i])
			next[i] = boundLabel{string(text), cut}
		}
	}
	return next
}

// appendValue appends a resolved value as the value of a label, and reports whether
// it was cut.
func appendValue(dst []byte, v slog.Value) (_ []byte, cut bool) {
	switch v.Kind() {
	case slog.KindString:
		return appendLabel(dst, v.String())
	case slog.KindInt64:
		return strconv.AppendInt(dst, v.Int64(), 10), false
	case slog.KindUint64:
		return strconv.AppendUint(dst, v.Uint64(), 10), false
	case slog.KindBool:
		return strconv.AppendBool(dst, v.Bool()), false
	}
	return appendLabel(dst, anytext.OfValue(v))
}
