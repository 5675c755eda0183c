package statsd

import (
	"hash/maphash"
	"math/bits"
	"strings"

	"github.com/slogtel/telemetry/scope"
)

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
	return b.values == c.values || b.sameAs(c)
}

func (b *boundTags) sameAs(c *boundTags) bool {
	return b.set == c.set && b.hash == c.hash && b.values != nil && c.values != nil && *b.values == *c.values
}

// with returns b and what was found.
func (b boundTags) with(f *foundTags, set *charset, seed maphash.Seed) boundTags {
	if f.n == 0 {
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
	dst = append(appendRate(dst, k.rates[s.kind], s.rate), 0)
	name := len(dst)
	dst, l.cut = appendClean(dst, s.scope, nameBytes, scope.MaxLength)
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
	rate, key, _ = strings.Cut(key[1:], "\x00")
	name, key, _ = strings.Cut(key, "\x00")
	for key != "" {
		i := int(key[0]) - 1
		var value string
		value, key, _ = strings.Cut(key[1:], "\x00")
		tags = append(tags, tag{k.tags.Name(i), value})
	}
	return kd, rate, name, tags
}
