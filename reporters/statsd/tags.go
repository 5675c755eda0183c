package statsd

import (
	"fmt"
	"log/slog"
	"strconv"

	"github.com/slogtel/telemetry/internal/allow"
	"github.com/slogtel/telemetry/slogtel"
)

const (
	maxTagKeys   = 32  // that can be listed
	maxTag       = 200 // bytes of a tag's value; the limit that DataDog sets for a tag
	maxGroupDeep = 16  // levels of groups of Options.Tags
)

// tagKeys are the attributes that become tags. It is immutable.
type tagKeys struct {
	*allow.List
	lengths uint64 // of keys that readOther looks for; most are passed over for their length
}

func newTagKeys(keys []string) (*tagKeys, error) {
	l, err := allow.New("TagKeys", "tag", maxTagKeys, keys, func(key string) string { return clean(key, nameBytes, maxTag) })
	if err != nil {
		return nil, fmt.Errorf("statsd: %w", err)
	}
	t := &tagKeys{l, l.Lengths()}
	for _, key := range []string{slogtel.KeyScope, slogtel.KeyDepth, slogtel.KeyParentScope, slogtel.KeyMetricType,
		slogtel.KeyCallCount, slogtel.KeyDuration, slogtel.KeyValue, slogtel.KeyError, slogtel.KeySampleRate, slogtel.KeyInSummary} {
		t.lengths |= allow.LengthOf(key)
	}
	return t, nil
}

// matters reports whether an attribute with this key need be looked at.
func (t *tagKeys) matters(key string) bool { return t.lengths&allow.LengthOf(key) != 0 }

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
	switch kind {
	case slog.KindGroup:
		return false
	case slog.KindString:
		f.place(slot).set(v.String())
	case slog.KindInt64:
		t := f.place(slot)
		t.set("")
		t.number, t.n = true, v.Int64()
	case slog.KindBool:
		f.place(slot).set(boolText(v.Bool()))
	default:
		f.place(slot).set(textOf(v))
	}
	return true
}

func (t *foundTag) set(text string) { t.text, t.number, t.n = text, false, 0 }

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// place returns the tag of a slot: the one that is there, or a new one.
func (f *foundTags) place(slot int) *foundTag {
	bit := uint32(1) << slot
	if f.set&bit != 0 {
		for i := range f.n {
			if t := f.at(i); int(t.slot) == slot {
				return t
			}
		}
	}
	f.set |= bit
	if f.n >= maxInline {
		f.more = append(f.more, foundTag{})
	}
	t := f.at(f.n)
	t.slot = uint8(slot)
	f.n++
	return t
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

// takeAll puts into f what is listed among attrs, which are in the groups of open.
func (t *tagKeys) takeAll(f *foundTags, open []byte, attrs []slog.Attr) {
	t.Find(open, attrs, func(slot int, v slog.Value) { f.put(slot, v) })
}

// appendValue appends the value as it stands in a tag, and reports whether it was cut.
func (t *foundTag) appendValue(dst []byte, set *charset) (_ []byte, cut bool) {
	if t.number {
		return strconv.AppendInt(dst, t.n, 10), false
	}
	return appendClean(dst, t.text, set, maxTag)
}
