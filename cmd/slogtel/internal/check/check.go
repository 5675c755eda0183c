package check

import (
	"fmt"
	"math"
	"strings"

	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

// A problem is where a line differs from its schema.
type problem struct {
	key         string
	want, found string
}

func (p problem) String() string {
	return fmt.Sprintf("%s: expected %s, found %s", p.key, p.want, p.found)
}

const nothing = "nothing"

// A checker looks at one line.
type checker struct {
	strict   bool // scope names too
	problems []problem
}

func (c *checker) add(key, want, found string) {
	c.problems = append(c.problems, problem{key, want, found})
}

// line checks a line that is an event. Whatever handlers and callers added to it is theirs.
func (c *checker) line(line []byte) {
	o, ok := value(line).object()
	if !ok {
		c.add("line", "an object", value(line).String())
		return
	}
	c.twice("", o)
	message, flat := o.text("msg"), true
	if message == "" {
		message = o.text("message")
	}
	var own object
	if v, has := o.get("slogtel"); has && o.text("msg") == "" {
		own, flat = nil, false
		own, _ = v.object()
	}
	if flat {
		if o = unwrapped(o); !c.known(message) {
			return
		}
		c.rules("", o, flatRules[message])
		c.event(message, o, "")
		if message == slogtel.MessageTiming {
			c.clocks(o)
		}
		return
	}
	if !c.known(message) {
		return
	}
	c.rules("", o, ecsRules[message])
	c.twice("slogtel.", own)
	c.rules("slogtel.", own, ecsOwnRules[message])
	c.event(message, own, "slogtel.")
	c.outcome(message, o)
}

func (c *checker) known(message string) bool {
	if flatRules[message] == nil {
		c.add("msg", "telemetry.timing, telemetry.metric or telemetry.summary", fmt.Sprintf("%q", message))
		return false
	}
	return true
}

// unwrapped returns the members of an event that some handler has put into a group, with
// what stands at the root.
func unwrapped(o object) object {
	if _, ok := o.get(slogtel.KeyScope); ok {
		return o
	}
	for _, m := range o {
		if in, ok := m.value.object(); ok {
			if in = unwrapped(in); in != nil {
				if _, ok := in.get(slogtel.KeyScope); ok {
					return append(append(object{}, o...), in...)
				}
			}
		}
	}
	return o
}

// twice finds keys that are there more than once, which JSON allows, and indexes do not.
func (c *checker) twice(prefix string, o object) {
	seen := make(map[string]int, len(o))
	for _, m := range o {
		if seen[m.key]++; seen[m.key] == 2 {
			c.add(prefix+value(m.key).String(), "one such key", "another")
		}
	}
}

func (c *checker) rules(prefix string, o object, rules []rule) {
	for _, r := range rules {
		v, ok := o.get(r.key)
		switch {
		case !ok && r.required:
			c.add(prefix+r.key, r.kind.want, nothing)
		case ok && !r.kind.is(v):
			c.add(prefix+r.key, r.kind.want, v.String())
		}
	}
}

// event checks what keys say of each other.
func (c *checker) event(message string, o object, prefix string) {
	path, parent := o.text(slogtel.KeyScope), o.text(slogtel.KeyParentScope)
	if parent != "" && path != "" && !strings.HasPrefix(path, parent+".") {
		c.add(prefix+slogtel.KeyScope, fmt.Sprintf("a path below %s", value(parent)), value(path).String())
	}
	if depth, ok := o.number(slogtel.KeyDepth); ok && (depth == 0) != (parent == "") && message != slogtel.MessageSummary {
		c.add(prefix+slogtel.KeyDepth, "0 at the root, and more below it", fmt.Sprintf("%v with the parent %q", depth, value(parent)))
	}
	if c.strict && path != "" {
		if err := scope.Validate(path); err != nil {
			c.add(prefix+slogtel.KeyScope, "a name of "+scope.Pattern, value(path).String())
		}
	}
	_, failed := o.get(slogtel.KeyError)
	if _, canceled := o.get(slogtel.KeyCanceled); canceled && failed {
		c.add(prefix+slogtel.KeyCanceled, "no error beside it", "one")
	}
	switch message {
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
		if _, text := o.get("value_text"); prefix != "" && (!text || typ != "") {
			c.add(prefix+slogtel.KeyValue, "a number, or slogtel.value_text where there is no metric_type", nothing)
		}
		return
	}
	switch typ {
	case "counter":
		if f, ok := v.number(); !ok || f != math.Trunc(f) && f < 0 {
			c.add(prefix+slogtel.KeyValue, "a whole number, or one that is not negative, of a counter", v.String())
		}
	case "gauge", "histogram":
		if !aNumber.is(v) {
			c.add(prefix+slogtel.KeyValue, "a number, of a "+typ, v.String())
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
	for _, key := range needs[o.text(slogtel.KeyMetricType)] {
		if _, ok := o.get(key); !ok {
			c.add(prefix+key, "a number", nothing)
		}
	}
	n, _ := o.number("count")
	if errs, ok := o.number("errors"); ok && errs > n {
		c.add(prefix+"errors", "no more than count", fmt.Sprint(errs))
	}
	last := math.Inf(-1)
	for _, key := range []string{"min", "p50", "p90", "p95", "p99", "max"} {
		if f, ok := o.number(key); ok {
			if f < last {
				c.add(prefix+key, fmt.Sprintf("no less than %v, as quantiles go", last), fmt.Sprint(f))
			}
			last = f
		}
	}
	if s := o.text("sketch"); s != "" {
		d, err := sketch.Parse(s)
		switch {
		case err != nil:
			c.add(prefix+"sketch", "a sketch", value(err.Error()).String())
		case float64(d.Count()) != n:
			c.add(prefix+"sketch", fmt.Sprintf("%v values, as count says", n), fmt.Sprint(d.Count()))
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
			c.add(pair[1], fmt.Sprintf("%s + duration_s", pair[0]), fmt.Sprintf("%v more", end-start))
		}
	}
}

// outcome checks that the outcome of a timing is that of its error.
func (c *checker) outcome(message string, o object) {
	_, failed := o.get("error.message")
	if own, _ := o.get("slogtel"); failed {
		if in, _ := own.object(); in != nil {
			if _, canceled := in.get(slogtel.KeyCanceled); canceled {
				c.add("slogtel."+slogtel.KeyCanceled, "no error.message beside it", "one")
			}
		}
	}
	outcome := o.text("event.outcome")
	if message == slogtel.MessageTiming && outcome != "" && failed != (outcome == "failure") {
		c.add("event.outcome", "failure with an error.message, success without one", outcome)
	}
}
