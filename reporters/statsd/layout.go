package statsd

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
)

// A layout makes the series of a handler. It is immutable.
type layout struct {
	keyer
	dialect    *dialect
	prefix     string // with its dot
	constant   []tag
	types      [kinds]string
	max        int    // bytes of a packet, with the newline of its last line
	line       int    // bytes of a line with a common number
	member     int    // bytes of a member of a set
	absolute   bool   // negative gauges need no zero before them
	origin     string // what stands at the end of a line, for the agent to know where it is from
	timestamps bool   // lines of counters and gauges have the time
	unsent     int    // constant tags that this dialect cannot write
}

// init lays out the lines, and returns the tags that an event has unless it says
// otherwise.
func (l *layout) init(o *Options, size int, packets bool) (also foundTags, err error) {
	l.dialect = &dialects[o.Dialect]
	l.values = valueBytes
	if l.dialect.colon {
		l.values = dogBytes
	}
	l.tagless = !l.dialect.tags && !o.FoldTags
	if l.tags, err = newTagKeys(o.TagKeys); err != nil {
		return also, err
	}
	if l.tags.forms, err = newOwnForms(o.Sets, o.GaugeDeltas); err != nil {
		return also, err
	}
	l.types = [kinds]string{timing: "ms", counter: "c", floatCounter: "c", gauge: "g", delta: "g", set: "s", histogram: o.HistogramType}
	r := &o.SampleRates
	l.rates = [kinds]float64{timing: r.Timing, counter: r.Counter, floatCounter: r.Counter, gauge: 1, delta: 1, set: 1, histogram: r.Histogram}
	l.absolute, l.timestamps = o.AbsoluteGauges, o.Timestamps
	tags := o.Tags
	if o.Dialect == DogStatsD {
		tags = append(envTags(), tags...)
		if o.OriginDetection {
			l.origin = originField()
		}
	}
	l.max = size
	if packets {
		l.max++ // the last newline is not sent
	}
	l.line = min(l.max, maxLine)
	l.member = min(maxTag, l.max/3)
	if o.Prefix != "" {
		l.prefix = clean(o.Prefix, nameBytes, len(o.Prefix))
		if l.prefix[len(l.prefix)-1] != '.' {
			l.prefix += "."
		}
	}
	l.addConstants(&also, "", tags, maxGroupDeep)
	if l.tagless {
		l.unsent += len(l.constant)
		l.constant = nil
	}
	for k := range kinds {
		if s := l.newSeries(0, string([]byte{byte(k)})+longestRate+"\x00long_enough\x00", "_histogram"); s.lost > l.unsent || s.cut {
			return also, fmt.Errorf("statsd: Prefix and Tags leave no room in a packet of %d bytes", size)
		}
	}
	return also, nil
}

// addConstants adds attrs, which are in the groups of path, to the constant tags,
// or to also where they are listed in TagKeys.
func (l *layout) addConstants(also *foundTags, path string, attrs []slog.Attr, deep int) {
	for _, a := range attrs {
		v := a.Value.Resolve()
		if v.Kind() == slog.KindGroup {
			inside := path
			if a.Key != "" {
				inside += a.Key + "."
			}
			if deep > 0 {
				l.addConstants(also, inside, v.Group(), deep-1)
			}
			continue
		}
		key := tagName(path + a.Key)
		if i := l.tags.ByName(key); i >= 0 {
			also.put(i, v)
			continue
		}
		var f foundTags
		f.put(0, v)
		value, _ := f.at(0).appendValue(nil, l.values)
		if key == "" || len(value) == 0 {
			l.unsent++
			continue
		}
		t := tag{key, string(value)}
		if i := slices.IndexFunc(l.constant, func(t tag) bool { return t.key == key }); i >= 0 {
			l.constant[i] = t
			continue
		}
		l.constant = append(l.constant, t)
	}
}

// newSeries lays out the series with this key. What does not fit in a packet is
// left out: tags first, the last ones before the first ones, then the end of the name,
// but not the suffix.
func (l *layout) newSeries(hash uint64, key, suffix string) *series {
	kd, rate, name, own := l.parse(key)
	x := &series{hash: hash, key: key, kind: kd, rate: rate, lost: l.unsent}
	x.plus = kd == delta && !l.absolute
	room := l.line - maxValue
	if kd == set {
		room = l.line - l.member
	}
	if l.timestamps {
		room -= len("|T1234567890")
	}
	if kd == gauge && !l.absolute {
		room = min(room, (l.max-maxValue-len("0\n"))/2)
	}
	prefix := l.prefix
	if reserved(prefix + name) {
		prefix = "m" + prefix
	}
	name = prefix + name
	x.lay(l, name+suffix, nil)
	if over := len(x.head) + len(x.tail) - room; over > 0 {
		name = name[:max(len(prefix)+1, len(name)-over)]
		x.cut = true
	}
	name += suffix
	x.lay(l, name, nil)
	all := append(l.constant[:len(l.constant):len(l.constant)], own...)
	var kept []tag
	for _, t := range all {
		x.lay(l, name, append(kept, t))
		if len(x.head)+len(x.tail) <= room {
			kept = append(kept, t)
			continue
		}
		x.cut = true
		x.lost++
	}
	x.lay(l, name, kept)
	x.name = name
	if !l.dialect.tags {
		x.name = strings.TrimSuffix(x.head, ":")
	}
	return x
}

func (x *series) lay(l *layout, name string, tags []tag) {
	const commonValue = 8
	x.head = string(l.dialect.appendHead(make([]byte, 0, 256), name, tags))
	tail := l.dialect.appendTail(make([]byte, 0, 256), l.types[x.kind], x.rate, tags)
	x.tail = string(append(append(tail, l.origin...), '\n'))
	x.size = len(x.head) + commonValue + len(x.tail)
}
