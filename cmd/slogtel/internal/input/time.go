package input

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
)

// Times says what the flags --since and --until take, for help texts.
const Times = `Times are in the local zone where they do not say. --since and --until take RFC 3339; a date, which is
its beginning; a date and a time of day; today, yesterday, or now; a time of day such as 06:33, which is
the last one that there was, today's or else yesterday's; how long ago, such as 90m, 1d12h or 2w; and
the seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their digits. An event
is in if it ended at --since or later, and before --until.`

// Conditions says what the flag --where takes, for help texts.
const Conditions = `--where KEY OP VALUE keeps the events of which that is true; several must all be. OP is = or != , < <= > >= for
numbers and durations, =~ or !~ for regular expressions (RE2, found anywhere in the text). KEY is an attribute, with
dots for groups (http.status), or one of the event's own: duration, value, error, level, trace_id, scope, depth, and so on.
A duration has a unit (duration>1s, duration<=2m); an attribute that is a number is compared with it in the unit that its
name ends with (_s, _ms, _us), and in nanoseconds otherwise. What is absent counts as empty:
error!="" is all that failed. Quote conditions, as < and > are the shell's.`

// parseTime reads what [Times] says.
func parseTime(s string, now time.Time) (time.Time, error) {
	s = strings.TrimSpace(s)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch strings.ToLower(s) {
	case "":
		return time.Time{}, nil
	case "now":
		return now, nil
	case "today":
		return midnight, nil
	case "yesterday":
		return midnight.AddDate(0, 0, -1), nil
	}
	if d, err := events.ParseDuration(strings.TrimSpace(strings.TrimSuffix(s, "ago"))); err == nil {
		return now.Add(-d.Abs()), nil
	}
	if t, ok := epoch(s); ok {
		return t, nil
	}
	for _, layout := range []string{
		time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04Z07:00",
		time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly,
	} {
		if t, err := time.ParseInLocation(layout, s, now.Location()); err == nil {
			return t, nil
		}
	}
	for _, layout := range []string{"15:04:05", "15:04"} {
		c, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		at := func(day int) time.Time {
			return time.Date(now.Year(), now.Month(), day, c.Hour(), c.Minute(), c.Second(), c.Nanosecond(), now.Location())
		}
		if t := at(now.Day()); !t.After(now) {
			return t, nil
		}
		return at(now.Day() - 1), nil
	}
	return time.Time{}, fmt.Errorf("%q: expected a time such as %s, 2026-01-31, 06:33 or yesterday, how long ago, such as 10m or 1d, or seconds since 1970", s, "2026-01-31T12:00:00Z")
}

// epoch reads the time since 1970. The unit is told by the digits: 9 to 11 are seconds (until 5138), three more
// are milliseconds, and so on.
func epoch(s string) (time.Time, bool) {
	whole, fraction, _ := strings.Cut(s, ".")
	n, err := strconv.ParseUint(whole, 10, 63)
	unit := int64(time.Second)
	switch digits := len(whole); {
	case err != nil || digits < 9 || digits > 19:
		return time.Time{}, false
	case digits > 17:
		unit = 1
	case digits > 14:
		unit = int64(time.Microsecond)
	case digits > 11:
		unit = int64(time.Millisecond)
	}
	rest := int64(0)
	if fraction != "" {
		f, err := strconv.ParseUint(fraction, 10, 63)
		if err != nil || len(fraction) > 18 {
			return time.Time{}, false
		}
		scale := 1.0
		for range len(fraction) {
			scale *= 10
		}
		rest = int64(float64(f) / scale * float64(unit))
	}
	perSecond := int64(time.Second) / unit
	return time.Unix(int64(n)/perSecond, int64(n)%perSecond*unit+rest), true
}

// bounds reads the two flags.
func bounds(since, until string, now time.Time) (from, to time.Time, err error) {
	if from, err = parseTime(since, now); err != nil {
		return from, to, fmt.Errorf("--since: %w", err)
	}
	if to, err = parseTime(until, now); err != nil {
		return from, to, fmt.Errorf("--until: %w", err)
	}
	if !from.IsZero() && !to.IsZero() && !from.Before(to) {
		return from, to, errors.New("--since is " + from.Format(time.RFC3339) + ", which is not before --until, " + to.Format(time.RFC3339))
	}
	return from, to, nil
}
