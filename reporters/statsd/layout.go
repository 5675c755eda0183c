package statsd

import (
	"fmt"
	"log/slog"
	"slices"
)

// A layout makes the series of a handler. It is immutable.
type layout struct {
	keyer
	dialect  *dialect
	prefix   string // with its dot
	constant []tag
	types    [kinds]string
	max      int  // bytes of a packet, with the newline of its last line
	line     int  // bytes of a line with a common number
	absolute bool // negative gauges need no zero before them
	unsent   int  // constant tags that this dialect cannot write
}

// init lays out the lines, and returns the tags that an event has unless it says
// otherwise.
func (l *layout) init(o *Options, size int, stream bool) (also foundTags, err error) {
	l.dialect = &dialects[o.Dialect]
	l.values = valueBytes
	if l.dialect.colon {
		l.values = dogBytes
	}
	l.tagless = !l.dialect.tags && !o.FoldTags
	if l.tags, err = newTagKeys(o.TagKeys); err != nil {
		return also, err
	}
	l.types = [kinds]string{timing: "ms", counter: "c", gauge: "g", histogram: o.HistogramType}
	l.rates = [kinds]float64{timing: o.SampleRates.Timing, counter: o.SampleRates.Counter, gauge: 1, histogram: o.SampleRates.Histogram}
	l.absolute = o.AbsoluteGauges
	l.max = size
	if !stream {
		l.max++ // the last newline is not sent
	}
	l.line = min(l.max, maxLine)
	if o.Prefix != "" {
		l.prefix = clean(o.Prefix, nameBytes, len(o.Prefix))
		if l.prefix[len(l.prefix)-1] != '.' {
			l.prefix += "."
		}
	}
	l.addConstants(&also, "", o.Tags, maxGroupDeep)
	if l.tagless {
		l.unsent += len(l.constant)
		l.constant = nil
	}
	for k := range kinds {
		if s := l.newSeries(0, string([]byte{byte(k)})+longestRate+"\x00long_enough\x00"); s.lost > l.unsent || s.cut {
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
		key := clean(path+a.Key, nameBytes, maxTag)
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
// left out: tags first, the last ones before the first ones, then the end of the name.
func (l *layout) newSeries(hash uint64, key string) *series {
	kd, rate, name, own := l.parse(key)
	x := &series{hash: hash, key: key, kind: kd, rate: rate, lost: l.unsent}
	room := l.line - maxValue
	if kd == gauge && !l.absolute {
		room = min(room, (l.max-maxValue-len("0\n"))/2)
	}
	x.lay(l, name, nil)
	if over := len(x.head) + len(x.tail) - room; over > 0 {
		name = name[:max(1, len(name)-over)]
		x.cut = true
		x.lay(l, name, nil)
	}
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
	return x
}

func (x *series) lay(l *layout, name string, tags []tag) {
	const commonValue = 8
	x.head = string(l.dialect.appendHead(append(make([]byte, 0, 256), l.prefix...), name, tags))
	x.tail = string(append(l.dialect.appendTail(make([]byte, 0, 256), l.types[x.kind], x.rate, tags), '\n'))
	x.size = len(x.head) + commonValue + len(x.tail)
}
