package statsd

import (
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"strings"

	"github.com/slogtel/telemetry/slogtel"
)

const (
	maxTagKeys   = 32  // that can be listed
	maxTag       = 200 // bytes of a tag's value; the limit that DataDog sets for a tag
	maxGroupDeep = 16  // levels of groups that are looked into
)

// tagKeys are the attributes that become tags. It is immutable.
type tagKeys struct {
	slots  []slot
	nested bool // some are in groups
	failed int  // slot of the error attribute, -1 when it is not listed

	// lengths has a bit for each length that a key must have to be listed, or to be
	// one that readOther looks for. Most keys are passed over for their length.
	lengths uint64
}

// matters reports whether an attribute with this key need be looked at.
func (t *tagKeys) matters(key string) bool {
	return t.lengths&(1<<min(len(key), 63)) != 0
}

type slot struct {
	path string // of the attribute
	key  string // of the tag
}

func newTagKeys(paths []string) (*tagKeys, error) {
	if len(paths) > maxTagKeys {
		return nil, fmt.Errorf("statsd: %d TagKeys, more than %d", len(paths), maxTagKeys)
	}
	t := &tagKeys{failed: -1}
	for _, key := range []string{slogtel.KeyScope, slogtel.KeyDepth, slogtel.KeyParentScope, slogtel.KeyMetricType,
		slogtel.KeyCallCount, slogtel.KeyDuration, slogtel.KeyValue, slogtel.KeyError} {
		t.lengths |= 1 << len(key)
	}
	for i, path := range paths {
		switch path {
		case "":
			return nil, fmt.Errorf("statsd: TagKeys[%d] is empty", i)
		case slogtel.KeyError:
			t.failed = i
		default:
			if isSchemaKey(path) {
				return nil, fmt.Errorf("statsd: TagKeys[%d]: %q is part of the record's schema, not an attribute", i, path)
			}
		}
		key := clean(path, nameBytes, maxTag)
		if j := t.byKey(key); j >= 0 {
			return nil, fmt.Errorf("statsd: TagKeys: %q and %q both become the tag %q", t.slots[j].path, path, key)
		}
		t.slots = append(t.slots, slot{path, key})
		t.lengths |= 1 << min(len(path), 63)
		if strings.Contains(path, ".") {
			t.nested, t.lengths = true, math.MaxUint64
		}
	}
	return t, nil
}

// isSchemaKey reports whether key is one that a Telemetry writes itself.
func isSchemaKey(key string) bool {
	switch key {
	case slogtel.KeyScope, slogtel.KeyDepth, slogtel.KeyParentScope, slogtel.KeyMetricType,
		slogtel.KeyCallCount, slogtel.KeyDuration, slogtel.KeyStartMonotonic, slogtel.KeyEndMonotonic,
		slogtel.KeyStartWall, slogtel.KeyEndWall, slogtel.KeyValue, slogtel.KeyTraceID,
		slogtel.KeySpanID, slogtel.KeyParentSpanID, slogtel.KeyError:
		return true
	}
	return false
}

// byKey returns the slot of a tag, or -1.
func (t *tagKeys) byKey(key string) int {
	for i := range t.slots {
		if t.slots[i].key == key {
			return i
		}
	}
	return -1
}

// foundTags are the attributes of an event that were listed, in no order.
type foundTags struct {
	n    int
	set  uint32 // a bit for each slot
	room [maxInline]foundTag
	more []foundTag // beyond maxInline
}

// maxInline is how many tags of an event are read without an allocation.
const maxInline = 6

// A foundTag is an attribute with its slot.
type foundTag struct {
	slot   uint8
	number bool // the value is n
	text   string
	n      int64
}

// at returns one of the n tags.
func (f *foundTags) at(i int) *foundTag {
	if i < maxInline {
		return &f.room[i]
	}
	return &f.more[i-maxInline]
}

// put takes the value of an attribute, unless that is a group.
func (f *foundTags) put(slot int, v slog.Value) bool {
	kind := v.Kind()
	if kind == slog.KindLogValuer {
		v = v.Resolve()
		kind = v.Kind()
	}
	t := foundTag{slot: uint8(slot)}
	switch kind {
	case slog.KindString:
		t.text = v.String()
	case slog.KindGroup:
		return false
	case slog.KindInt64:
		t.number, t.n = true, v.Int64()
	case slog.KindBool:
		t.text = boolText(v.Bool())
	default:
		t.text = textOf(v)
	}
	f.add(t)
	return true
}

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// add adds t, or puts it in the place of the one with its slot.
func (f *foundTags) add(t foundTag) {
	bit := uint32(1) << t.slot
	if f.set&bit != 0 {
		for i := range f.n {
			if old := f.at(i); old.slot == t.slot {
				*old = t
			}
		}
		return
	}
	f.set |= bit
	if f.n < maxInline {
		f.room[f.n] = t
	} else {
		f.more = append(f.more, t)
	}
	f.n++
}

// textOf returns v as text, also when v's own methods panic.
func textOf(v slog.Value) (text string) {
	defer func() {
		if recover() != nil {
			text = "panic"
		}
	}()
	return v.String()
}

// takeAll puts into f what is listed among attrs and their members. Path is that of
// the groups around them, each with a dot after it. Of what comes twice the last
// counts.
func (t *tagKeys) takeAll(f *foundTags, path []byte, attrs []slog.Attr) {
	if len(t.slots) == 0 {
		return
	}
	for i := range attrs {
		t.take(f, path, &attrs[i], maxGroupDeep)
	}
}

func (t *tagKeys) take(f *foundTags, path []byte, a *slog.Attr, deep int) {
	for i := range t.slots {
		p := t.slots[i].path
		if len(p) == len(path)+len(a.Key) && p[len(path):] == a.Key && p[:len(path)] == string(path) &&
			i != t.failed && f.put(i, a.Value) {
			return
		}
	}
	if !t.nested || deep == 0 {
		return
	}
	switch a.Value.Kind() {
	case slog.KindGroup, slog.KindLogValuer:
	default:
		return
	}
	if a.Key != "" {
		path = append(append(path, a.Key...), '.')
		if !t.inside(path) {
			return
		}
	}
	if v := a.Value.Resolve(); v.Kind() == slog.KindGroup {
		group := v.Group()
		for i := range group {
			t.take(f, path, &group[i], deep-1)
		}
	}
}

// takeInside is take for an attribute that is not listed itself.
func (t *tagKeys) takeInside(f *foundTags, a *slog.Attr) {
	switch a.Value.Kind() {
	case slog.KindGroup, slog.KindLogValuer:
		var room [64]byte
		t.take(f, room[:0], a, maxGroupDeep)
	}
}

// inside reports whether anything in the group at path is listed.
func (t *tagKeys) inside(path []byte) bool {
	for i := range t.slots {
		if p := t.slots[i].path; len(p) > len(path) && p[:len(path)] == string(path) {
			return true
		}
	}
	return false
}

// appendValue appends the value as it stands in a tag, and reports whether it was cut.
func (t *foundTag) appendValue(dst []byte, set *charset) (_ []byte, cut bool) {
	if t.number {
		return strconv.AppendInt(dst, t.n, 10), false
	}
	return appendClean(dst, t.text, set, maxTag)
}
