package check

import (
	"bytes"
	"fmt"
	"math"

	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

// A problem is where a line differs from its schema.
type problem struct {
	key         string
	want, found string
}

func (p problem) Error() string {
	return fmt.Sprintf("%s: expected %s, found %s", p.key, p.want, p.found)
}

const nothing = "nothing"

// A checker looks at one line after the other. It is not safe for concurrent use.
type checker struct {
	strict   bool // scope names too
	problems []problem
	outer    object // scratch of the members of a line,
	inner    object // and of the object that ECS has inside
}

func (c *checker) differs(key, want, found string) {
	c.problems = append(c.problems, problem{key, want, found})
}

// line checks a line that is an event. Whatever handlers and callers added to it is theirs.
func (c *checker) line(line []byte) {
	o, ok := value(line).object(c.outer)
	if !ok {
		c.differs("line", "an object", value(line).String())
		return
	}
	c.outer = o
	c.twice("", o)
	message, flat := o.text("msg"), true
	if len(message) == 0 {
		message = o.text("message")
	}
	var own object
	if v, has := o.get("slogtel"); has && len(o.text("msg")) == 0 {
		flat = false
		if own, _ = v.object(c.inner); own != nil {
			c.inner = own
		}
	}
	if flat {
		if o = unwrapped(o); !c.known(message) {
			return
		}
		c.rules("", o, flatRules[string(message)])
		c.event(message, o, "")
		if string(message) == slogtel.MessageTiming {
			c.clocks(o)
		}
		return
	}
	if !c.known(message) {
		return
	}
	c.rules("", o, ecsRules[string(message)])
	c.twice("slogtel.", own)
	c.rules("slogtel.", own, ecsOwnRules[string(message)])
	c.event(message, own, "slogtel.")
	c.outcome(message, o, own)
}

func (c *checker) known(message []byte) bool {
	if flatRules[string(message)] == nil {
		c.differs("msg", "telemetry.timing, telemetry.metric or telemetry.summary", fmt.Sprintf("%q", message))
		return false
	}
	return true
}

// unwrapped returns the members of an event that some handler has put into a group, with
// what stands at the root.
func unwrapped(o object) object {
	if o.has(slogtel.KeyScope) {
		return o
	}
	for _, m := range o {
		if in, ok := value(m.Value).object(nil); ok {
			if in = unwrapped(in); in.has(slogtel.KeyScope) {
				return append(append(object{}, o...), in...)
			}
		}
	}
	return o
}

// twice finds keys that are there more than once, which JSON allows, and indexes do not.
func (c *checker) twice(prefix string, o object) {
	var seen uint64 // a bit of each key; only one that is set already may be there twice
	for i, m := range o {
		bit := uint64(1) << ((len(m.Key)*7 ^ hash(m.Key)) & 63)
		if seen&bit != 0 && repeated(o[:i], m.Key) == 1 {
			c.differs(prefix+value(m.Key).String(), "one such key", "another")
		}
		seen |= bit
	}
}

// hash tells most keys of the schema apart.
func hash(key string) (h int) {
	if n := len(key); n > 0 {
		h = int(key[0]) + 31*int(key[n/2]) + 5*int(key[n-1])
	}
	return h
}

// repeated counts a key.
func repeated(o object, key string) (n int) {
	for _, m := range o {
		if m.Key == key {
			n++
		}
	}
	return n
}

// rules holds o against rules. Members mostly come in the order of the rules, so that each is looked for behind
// the one before; what is not there is looked for once more, from the end, as the last one wins.
func (c *checker) rules(prefix string, o object, rules []rule) {
	next := 0
	for i := range rules {
		r := &rules[i]
		v, ok := value(nil), false
		if next < len(o) && o[next].Key == r.key {
			v, ok = o[next].Value, true
			next++
		} else {
			for j := len(o) - 1; j >= 0; j-- {
				if o[j].Key == r.key {
					v, ok, next = o[j].Value, true, j+1
					break
				}
			}
		}
		switch {
		case !ok && r.required:
			c.differs(prefix+r.key, r.kind.want, nothing)
		case ok && !r.kind.is(v):
			c.differs(prefix+r.key, r.kind.want, v.String())
		}
	}
}

// event checks what keys say of each other.
func (c *checker) event(message []byte, o object, prefix string) {
	path, parent := o.text(slogtel.KeyScope), o.text(slogtel.KeyParentScope)
	if len(parent) > 0 && len(path) > 0 && !(len(path) > len(parent) && path[len(parent)] == '.' && bytes.HasPrefix(path, parent)) {
		c.differs(prefix+slogtel.KeyScope, fmt.Sprintf("a path below %s", value(parent)), value(path).String())
	}
	if depth, ok := o.number(slogtel.KeyDepth); ok && (depth == 0) != (len(parent) == 0) && string(message) != slogtel.MessageSummary {
		c.differs(prefix+slogtel.KeyDepth, "0 at the root, and more below it", fmt.Sprintf("%v with the parent %q", depth, value(parent)))
	}
	if c.strict && len(path) > 0 {
		if err := scope.Validate(string(path)); err != nil {
			c.differs(prefix+slogtel.KeyScope, "a name of "+scope.Pattern, value(path).String())
		}
	}
	if o.has(slogtel.KeyCanceled) && o.has(slogtel.KeyError) {
		c.differs(prefix+slogtel.KeyCanceled, "no error beside it", "one")
	}
	switch string(message) {
	case slogtel.MessageMetric:
		c.metric(o, prefix)
	case slogtel.MessageSummary:
		c.summary(o, prefix)
	}
}

func (c *checker) metric(o object, prefix string) {
	v, ok := o.get(slogtel.KeyValue)
	typ := o.text(slogtel.KeyMetricType)
	if !ok {
		if prefix != "" && (!o.has("value_text") || len(typ) > 0) {
			c.differs(prefix+slogtel.KeyValue, "a number, or slogtel.value_text where there is no metric_type", nothing)
		}
		return
	}
	switch string(typ) {
	case "counter":
		if f, ok := v.number(); !ok || f != math.Trunc(f) && f < 0 {
			c.differs(prefix+slogtel.KeyValue, "a whole number, or one that is not negative, of a counter", v.String())
		}
	case "gauge", "histogram":
		if !aNumber.is(v) {
			c.differs(prefix+slogtel.KeyValue, "a number, of a "+string(typ), v.String())
		}
	}
}

// needs are what summaries have by their types.
var needs = map[string][]string{
	"timing":    {"errors", "sum", "min", "max", "mean", "p50", "p90", "p95", "p99"},
	"histogram": {"sum", "min", "max", "mean", "p50", "p90", "p95", "p99"},
	"gauge":     {"sum", "min", "max", "mean", "last"},
	"counter":   {"sum"},
}

func (c *checker) summary(o object, prefix string) {
	for _, key := range needs[string(o.text(slogtel.KeyMetricType))] {
		if !o.has(key) {
			c.differs(prefix+key, "a number", nothing)
		}
	}
	n, _ := o.number("count")
	if errs, ok := o.number("errors"); ok && errs > n {
		c.differs(prefix+"errors", "no more than count", fmt.Sprint(errs))
	}
	last := math.Inf(-1)
	for _, key := range []string{"min", "p50", "p90", "p95", "p99", "max"} {
		if f, ok := o.number(key); ok {
			if f < last {
				c.differs(prefix+key, fmt.Sprintf("no less than %v, as quantiles go", last), fmt.Sprint(f))
			}
			last = f
		}
	}
	if s := o.text("sketch"); len(s) > 0 {
		d, err := sketch.Parse(string(s))
		switch {
		case err != nil:
			c.differs(prefix+"sketch", "a sketch", value(err.Error()).String())
		case float64(d.Count()) != n:
			c.differs(prefix+"sketch", fmt.Sprintf("%v values, as count says", n), fmt.Sprint(d.Count()))
		}
	}
}

// slack is how far the clocks of a timing, in seconds, may be from its duration: Unix time in a
// float64 has steps of a quarter of a microsecond.
const slack = 1e-6

func (c *checker) clocks(o object) {
	d, ok := o.number(slogtel.KeyDuration)
	for _, pair := range [][2]string{
		{slogtel.KeyStartMonotonic, slogtel.KeyEndMonotonic},
		{slogtel.KeyStartWall, slogtel.KeyEndWall},
	} {
		start, ok1 := o.number(pair[0])
		end, ok2 := o.number(pair[1])
		if ok && ok1 && ok2 && math.Abs(end-start-d) > slack+1e-12*math.Abs(d) {
			c.differs(pair[1], fmt.Sprintf("%s + duration_s", pair[0]), fmt.Sprintf("%v more", end-start))
		}
	}
}

// outcome checks that the outcome of a timing is that of its error.
func (c *checker) outcome(message []byte, o, own object) {
	failed := o.has("error.message")
	if failed && own.has(slogtel.KeyCanceled) {
		c.differs("slogtel."+slogtel.KeyCanceled, "no error.message beside it", "one")
	}
	outcome := o.text("event.outcome")
	if string(message) == slogtel.MessageTiming && len(outcome) > 0 && failed != (string(outcome) == "failure") {
		c.differs("event.outcome", "failure with an error.message, success without one", string(outcome))
	}
}
