package statsd

import (
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"log/slog"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/slogtel/telemetry/internal/allow"
	"github.com/slogtel/telemetry/internal/anytext"
	"github.com/slogtel/telemetry/scope"
)

const (
	maxTagKeys   = 32  // that can be listed
	maxTag       = 200 // bytes of a tag's value; the limit that DataDog sets for a tag
	maxGroupDeep = 16  // levels of groups of Options.Tags
)

// tagKeys are the attributes that become tags. It is immutable.
type tagKeys struct {
	*allow.List
	forms *ownForms // nil: none
}

func newTagKeys(keys []string) (*tagKeys, error) {
	l, err := allow.New("TagKeys", "tag", maxTagKeys, keys, tagName)
	if err != nil {
		return nil, fmt.Errorf("statsd: %w", err)
	}
	return &tagKeys{List: l}, nil
}

// tagName returns what the key of an attribute becomes as a tag's. Three names mean
// something to Prometheus: statsd_exporter dies of one, and shows nothing after another.
func tagName(key string) string {
	name := clean(key, nameBytes, maxTag)
	switch plain := plainName(name); {
	case plain == "quantile" || plain == "le":
		return name + "_"
	case strings.HasPrefix(plain, "__"):
		return "m" + name
	}
	return name
}

// foundTags are the attributes of an event that were listed, in no order.
type foundTags struct {
	n     int
	set   uint32 // a bit for each slot
	first [maxInline]foundTag
	more  []foundTag // beyond maxInline
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
		return &f.first[i]
	}
	return &f.more[i-maxInline]
}

// put takes the value of an attribute, resolved and no group. The last one of a slot counts.
func (f *foundTags) put(slot int, v slog.Value) {
	i := f.n
	if bit := uint32(1) << slot; f.set&bit == 0 {
		f.set |= bit
		if f.n++; f.n > maxInline {
			f.more = append(f.more, foundTag{})
		}
	} else {
		for i = 0; f.at(i).slot != uint8(slot); i++ {
		}
	}
	t := f.at(i)
	*t = foundTag{slot: uint8(slot)}
	switch v.Kind() {
	case slog.KindString:
		t.text = v.String()
	case slog.KindInt64:
		t.number, t.n = true, v.Int64()
	case slog.KindBool:
		t.text = strconv.FormatBool(v.Bool())
	default:
		t.text = textOf(v)
	}
}

// textOf returns v as text, also when v's own methods panic.
func textOf(v slog.Value) (text string) {
	defer func() {
		if recover() != nil {
			text = "panic"
		}
	}()
	return anytext.OfValue(v)
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

// unnamed is the name of an event whose scope is empty.
const unnamed = "unnamed"

// boundTags are tags whose values are known beforehand: from WithAttrs, or from
// Options.Tags where the record may give them other ones. They are immutable.
type boundTags struct {
	set    uint32
	values *[maxTagKeys]string // clean; "" cannot be written. Nil: none
	hash   uint64
}

func (b *boundTags) equal(c *boundTags) bool {
	return b.values == c.values || b.hash == c.hash && b.values != nil && c.values != nil && *b.values == *c.values && b.set == c.set
}

// with returns b and what was found.
func (b boundTags) with(f *foundTags, set *charset, seed maphash.Seed) boundTags {
	if f.set == 0 {
		return b
	}
	var values [maxTagKeys]string
	if b.values != nil {
		values = *b.values
	}
	for i := range f.n {
		t := f.at(i)
		text, _ := t.appendValue(nil, set)
		values[t.slot] = string(text)
	}
	return boundTags{b.set | f.set, &values, maphash.Comparable(seed, values)}
}

// A keyer writes what identifies a series: its kind, its sample rate, its name, and
// the slots and values of its tags, all clean. It is immutable.
type keyer struct {
	tags    *tagKeys
	rates   [kinds]float64 // of our own sampling
	values  *charset       // of tag values
	tagless bool           // tags are left out
}

// What was lost on the way from an event to its key.
type loss struct {
	cut  bool // a part of the name or of a tag's value
	tags int
}

// appendKey appends the key of s, whose tags are joined with those of base.
func (k *keyer) appendKey(dst []byte, s *sample, base *boundTags) (_ []byte, l loss) {
	dst = append(dst, byte(s.kind))
	dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(product(k.rates[s.kind], s.SampleRate)))
	name := len(dst)
	dst, l.cut = appendClean(dst, s.Scope, nameBytes, scope.MaxLength)
	if len(dst) == name {
		dst = append(dst, unnamed...)
	}
	dst = append(dst, 0)
	var own [maxTagKeys]*foundTag
	for i := range s.tags.n {
		t := s.tags.at(i)
		own[t.slot] = t
	}
	set := base.set | s.tags.set
	if k.tagless {
		l.tags = bits.OnesCount32(set)
		return dst, l
	}
	for ; set != 0; set &= set - 1 {
		slot := bits.TrailingZeros32(set)
		start := len(dst)
		dst = append(dst, byte(slot+1))
		if t := own[slot]; t == nil {
			dst = append(dst, base.values[slot]...)
		} else {
			var cut bool
			dst, cut = t.appendValue(dst, k.values)
			l.cut = l.cut || cut
		}
		if len(dst) == start+1 { // daemons reject a tag without a value
			dst = dst[:start]
			l.tags++
			continue
		}
		dst = append(dst, 0)
	}
	return dst, l
}

// parse takes a key apart again.
func (k *keyer) parse(key string) (kd kind, rate, name string, tags []tag) {
	kd = kind(key[0])
	const start = 1 + 8
	rate = string(appendRate(nil, math.Float64frombits(binary.LittleEndian.Uint64([]byte(key[1:start]))), 0))
	name, key, _ = strings.Cut(key[start:], "\x00")
	for key != "" {
		i := int(key[0]) - 1
		var value string
		value, key, _ = strings.Cut(key[1:], "\x00")
		tags = append(tags, tag{k.tags.Name(i), value})
	}
	return kd, rate, name, tags
}
