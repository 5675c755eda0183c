package prometheus

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	"github.com/slogtel/telemetry/slogtel"
)

const (
	maxLabelKeys = 16
	maxGroupDeep = 16 // levels of groups that are looked into
)

// separator stands behind each label's value in a key. UTF-8 has no such byte.
const separator = 0xFF

// labelKeys are the attributes that become labels. It is immutable.
type labelKeys struct {
	paths  []string // of the attributes, by slot
	names  []string // of the labels; with ScopeLabel there is one more
	failed int      // slot of the error attribute, -1 when it is not listed
	scope  bool     // the last label is the path
}

func newLabelKeys(paths []string, scopeLabel bool) (*labelKeys, error) {
	if len(paths) > maxLabelKeys {
		return nil, fmt.Errorf("prometheus: %d LabelKeys, more than %d", len(paths), maxLabelKeys)
	}
	l := &labelKeys{failed: -1, scope: scopeLabel}
	from := make(map[string]string)
	for i, path := range paths {
		switch {
		case path == "":
			return nil, fmt.Errorf("prometheus: LabelKeys[%d] is empty", i)
		case path == slogtel.KeyError:
			l.failed = i
		case isSchemaKey(path):
			return nil, fmt.Errorf("prometheus: LabelKeys[%d]: %q is part of the record's schema, not an attribute", i, path)
		}
		name := labelName(path)
		if other, ok := from[name]; ok {
			return nil, fmt.Errorf("prometheus: LabelKeys: %q and %q both become the label %q", other, path, name)
		}
		from[name] = path
		l.paths = append(l.paths, path)
		l.names = append(l.names, name)
	}
	if scopeLabel {
		l.names = append(l.names, slogtel.KeyScope)
	}
	return l, nil
}

// isSchemaKey reports whether key is one that a Telemetry writes itself.
func isSchemaKey(key string) bool {
	switch key {
	case slogtel.KeyScope, slogtel.KeyDepth, slogtel.KeyParentScope, slogtel.KeyMetricType,
		slogtel.KeyCallCount, slogtel.KeyDuration, slogtel.KeyStartMonotonic, slogtel.KeyEndMonotonic,
		slogtel.KeyStartWall, slogtel.KeyEndWall, slogtel.KeyValue, slogtel.KeyTraceID,
		slogtel.KeySpanID, slogtel.KeyParentSpanID, slogtel.KeyRawPreview:
		return true
	}
	return false
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
	var next boundLabels
	for i, path := range l.paths {
		rest, inside := strings.CutPrefix(path, open)
		if !inside || i == l.failed {
			continue
		}
		v, ok := find(attrs, rest, maxGroupDeep)
		if !ok {
			continue
		}
		if next == nil {
			next = make(boundLabels, len(l.paths))
			copy(next, b)
		}
		text, cut := appendValue(nil, v)
		next[i] = boundLabel{string(text), cut}
	}
	if next == nil {
		return b
	}
	return next
}

// find returns the value of the attribute at path, the last one where there are
// several. A group is no value.
func find(attrs []slog.Attr, path string, deep int) (slog.Value, bool) {
	for i := len(attrs) - 1; i >= 0; i-- {
		a := &attrs[i]
		if a.Key == path {
			if v := a.Value.Resolve(); v.Kind() != slog.KindGroup {
				return v, true
			}
			continue
		}
		if k := a.Value.Kind(); deep == 0 || k != slog.KindGroup && k != slog.KindLogValuer {
			continue
		}
		rest := path
		if a.Key != "" {
			n := len(a.Key)
			if len(path) <= n+1 || path[n] != '.' || path[:n] != a.Key {
				continue
			}
			rest = path[n+1:]
		}
		if v := a.Value.Resolve(); v.Kind() == slog.KindGroup {
			if v, ok := find(v.Group(), rest, deep-1); ok {
				return v, true
			}
		}
	}
	return slog.Value{}, false
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
	return appendLabel(dst, v.String())
}
