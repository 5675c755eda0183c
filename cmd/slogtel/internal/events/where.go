package events

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/slogtel/telemetry/slogtel"
)

// A Condition is something that must hold of an event: a key, an operator, and a value.
// [ParseCondition] makes one.
//
// Keys of the schema (scope, parent_scope, metric_type, depth, call_count, duration_s, value, level,
// trace_id, span_id, parent_span_id, error, canceled, unit, sample_rate) are those of the event, any other
// is that of an attribute, with dots where it is in groups. The key duration is the duration of a
// timing, and of anything else the attribute. Keys as they stand in a line of the Elastic Common Schema, such as
// trace.id and labels.model, mean the same. What is absent counts as an empty text, and compares
// with no number.
type Condition struct {
	Key, Op, Value string // Op: = != < <= > >= =~ !~

	number  number         // what Value is, if it is one
	numeric bool           // it is
	took    time.Duration  // what Value is, if it is a duration with a unit
	timed   bool           // it is
	level   slog.Level     // of the key level
	pattern *regexp.Regexp // of =~ and !~
}

// The keys of a Condition that are none of the schema, or go by another name there.
const (
	keyTook  = "duration"
	keyLevel = slog.LevelKey
)

var operators = []string{"!=", "!~", "=~", "==", "<=", ">=", "=", "<", ">"} // those that others begin with come last

// ecsKeys are keys of an ECS line for those of an event.
var ecsKeys = map[string]string{
	"trace.id": slogtel.KeyTraceID, "span.id": slogtel.KeySpanID, "error.message": slogtel.KeyError, "log.level": keyLevel, "event.duration": slogtel.KeyDuration,
}

// ParseCondition reads a condition such as model=m1, error!="", duration>1s, http.status>=500 or
// error=~(?i)timeout. White space around the operator counts for nothing, and a value in double quotes is
// read as Go reads it. An error says at which character it is.
func ParseCondition(s string) (Condition, error) {
	fail := func(at int, format string, args ...any) (Condition, error) {
		return Condition{}, fmt.Errorf("%q: at character %d: %s", s, utf8.RuneCountInString(s[:at])+1, fmt.Sprintf(format, args...))
	}
	at := strings.IndexAny(s, "=<>!~")
	if at < 0 {
		return fail(len(s), "expected one of = != < <= > >= =~ !~ and a value after the key")
	}
	op := ""
	for _, o := range operators {
		if strings.HasPrefix(s[at:], o) {
			op = o
			break
		}
	}
	c := Condition{Key: strings.TrimSpace(s[:at]), Op: op}
	switch {
	case op == "":
		return fail(at, "expected one of = != < <= > >= =~ !~, found %q", s[at:at+1])
	case c.Key == "":
		return fail(0, "expected a key before %s", op)
	case c.Key == slog.TimeKey || c.Key == "@timestamp":
		return fail(0, "the time is a matter of --since and --until")
	case op == "==":
		c.Op = "="
	}
	nanos := false
	if key, ok := ecsKeys[c.Key]; ok {
		nanos = c.Key == "event.duration"
		c.Key = key
	} else if key, ok := strings.CutPrefix(c.Key, "slogtel."); ok {
		c.Key = key
	} else if key, ok := strings.CutPrefix(c.Key, "labels."); ok {
		c.Key = key
	}
	from := at + len(op)
	from += len(s[from:]) - len(strings.TrimLeft(s[from:], " \t"))
	c.Value = strings.TrimRight(s[from:], " \t")
	if strings.HasPrefix(c.Value, `"`) {
		text, err := strconv.Unquote(c.Value)
		if err != nil {
			return fail(from, "expected a text in quotes that ends, found %s", c.Value)
		}
		c.Value = text
	}
	if nanos && strings.Trim(c.Value, "0123456789") == "" && c.Value != "" {
		c.Value += "ns"
	}
	return c.complete(func(format string, args ...any) (Condition, error) { return fail(from, format, args...) })
}

// complete finds out what the value is.
func (c Condition) complete(fail func(format string, args ...any) (Condition, error)) (Condition, error) {
	if c.Op == "=~" || c.Op == "!~" {
		if c.isNumber() {
			return fail("%s is for texts, and %s is a number", c.Op, c.Key)
		}
		p, err := regexp.Compile(c.Value)
		if err != nil {
			if e, ok := errors.AsType[*syntax.Error](err); ok {
				return fail("no regular expression: %s: %s", e.Code, e.Expr)
			}
			return fail("no regular expression: %v", err)
		}
		c.pattern = p
		return c, nil
	}
	if c.Key == keyLevel {
		if c.level.UnmarshalText([]byte(c.Value)) != nil {
			return fail("expected a level such as WARN or ERROR+2, found %q", c.Value)
		}
		return c, nil
	}
	raw := []byte(strings.TrimPrefix(c.Value, "+"))
	c.numeric = len(raw) > 0 && scanNumber(raw, 0, &c.number) == len(raw)
	if d, err := ParseDuration(c.Value); err == nil && !c.numeric {
		c.took, c.timed = d, true
	}
	ordered := c.Op != "=" && c.Op != "!="
	switch {
	case c.Value == "" && ordered:
		return fail("expected a value after %s", c.Op)
	case c.isDuration() && c.numeric: // seconds, as the schema has it
		c.took, c.timed = c.number.seconds()
	case c.isDuration() && !c.timed && c.Value != "":
		return fail("expected a duration such as 1.5s or 200ms, found %q", c.Value)
	case c.isNumber() && !c.isDuration() && !c.numeric && c.Value != "":
		return fail("expected a number, found %q", c.Value)
	case ordered && !c.numeric && !c.timed:
		return fail("expected a number, or a duration such as 1.5s, after %s; found %q", c.Op, c.Value)
	}
	return c, nil
}

func (c *Condition) isDuration() bool { return c.Key == keyTook || c.Key == slogtel.KeyDuration }

func (c *Condition) isNumber() bool {
	switch c.Key {
	case keyTook, slogtel.KeyDuration, slogtel.KeyDepth, slogtel.KeyCallCount, slogtel.KeySampleRate:
		return true
	}
	return false
}

// holds reports whether the condition is true of e.
func (c *Condition) holds(e *Event) bool {
	switch {
	case c.Key == keyLevel && c.pattern == nil:
		return c.ordered(cmp.Compare(e.Level, c.level))
	case c.Key == slogtel.KeyDuration, c.Key == keyTook && e.Kind == Timing:
		return c.order(e.Kind == Timing && c.timed, cmp.Compare(e.Duration, c.took))
	}
	text, _ := e.Field(c.Key)
	if c.pattern != nil {
		return c.pattern.MatchString(text) == (c.Op == "=~")
	}
	if text == c.Value {
		return c.ordered(0)
	}
	var n number
	isNumber := len(text) > 0 && scanNumber([]byte(text), 0, &n) == len(text)
	switch {
	case c.numeric && isNumber:
		return c.ordered(n.compare(&c.number))
	case c.timed && isNumber:
		d, ok := n.inUnit(c.Key)
		return c.order(ok, cmp.Compare(d, c.took))
	case c.timed:
		d, err := time.ParseDuration(text)
		return c.order(err == nil, cmp.Compare(d, c.took))
	}
	return c.order(false, 0)
}

// order is ordered where the two can be compared. Where they cannot, they are not equal.
func (c *Condition) order(comparable bool, sign int) bool {
	if !comparable {
		return c.Op == "!="
	}
	return c.ordered(sign)
}

// ordered reports whether the operator holds between two values that compare so.
func (c *Condition) ordered(sign int) bool {
	switch c.Op {
	case "=":
		return sign == 0
	case "!=":
		return sign != 0
	case "<":
		return sign < 0
	case "<=":
		return sign <= 0
	case ">":
		return sign > 0
	}
	return sign >= 0
}

// compare compares two numbers, whole ones in all their digits.
func (n *number) compare(o *number) int {
	a, whole := n.whole()
	b, whole2 := o.whole()
	if whole && whole2 {
		return cmp.Compare(a, b)
	}
	f, _ := n.float()
	g, _ := o.float()
	return cmp.Compare(f, g)
}

// inUnit returns the duration that the number of an attribute is: in the unit that its key ends with (_s, _ms,
// _us, _ns), and in nanoseconds, as slog writes a duration, where it says none.
func (n *number) inUnit(key string) (time.Duration, bool) {
	unit := 1.0
	for suffix, u := range map[string]time.Duration{"_s": time.Second, "_seconds": time.Second, "_ms": time.Millisecond, "_us": time.Microsecond} {
		if strings.HasSuffix(key, suffix) {
			unit = float64(u)
		}
	}
	f, ok := n.float()
	return inRange(f * unit), ok
}

func inRange(ns float64) time.Duration {
	switch ns = math.Round(ns); {
	case ns >= math.MaxInt64:
		return math.MaxInt64
	case ns <= math.MinInt64:
		return math.MinInt64
	}
	return time.Duration(ns)
}

// dayForm is a duration with weeks and days before the rest.
var dayForm = regexp.MustCompile(`^([-+]?)(?:([\d.]+(?:e\d+)?)w)?(?:([\d.]+(?:e\d+)?)d)?([^-+]*)$`)

// ParseDuration is [time.ParseDuration] with days and weeks, of 24 hours and seven days: 1d12h, 2w.
func ParseDuration(s string) (time.Duration, error) {
	m := dayForm.FindStringSubmatch(s)
	if m == nil || m[2]+m[3] == "" {
		return time.ParseDuration(s)
	}
	rest, err := time.ParseDuration(cmp.Or(m[4], "0"))
	weeks, errWeeks := strconv.ParseFloat(cmp.Or(m[2], "0"), 64)
	days, errDays := strconv.ParseFloat(cmp.Or(m[3], "0"), 64)
	if err = cmp.Or(err, errWeeks, errDays); err != nil {
		return 0, fmt.Errorf("%q is no duration", s)
	}
	sum := (7*weeks+days)*float64(24*time.Hour) + float64(rest)
	if m[1] == "-" {
		sum = -sum
	}
	return inRange(sum), nil
}
