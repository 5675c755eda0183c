package trace

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
)

// A logLine is a line of the app's own log that has the id of the trace in it.
type logLine struct {
	trace   string
	at      events.Position
	time    time.Time // zero: not known
	level   string
	message string
	span    string
	scope   string
	attrs   []events.Attr
}

// maxNested is how many values and strings inside each other are looked into.
const maxNested = 16

// An idMatch reports whether a word is the id of a trace that is looked for, and which.
type idMatch func(word string) (id string, ok bool)

// logsIn finds the app's logs in a line. A JSON object is one if it has a message and, right in it or in an object
// without a message, a text that is the id. A line in another form is one if the id is a word of it, which is not
// asked of a line around events.
func logsIn(line []byte, around bool, is idMatch) (all []logLine) {
	f := finder{is: is}
	id := f.text(line, maxNested)
	if id != "" && !around {
		f.all = append(f.all, textLog(string(line), id))
	}
	return f.all
}

// A finder collects logs. Its methods return the id where there is one that no log has been made of.
type finder struct {
	is  idMatch
	all []logLine
}

// text looks into a line, or a string in one.
func (f *finder) text(text []byte, depth int) (id string) {
	if id = f.word(text); id == "" || depth == 0 {
		return id
	}
	for i := bytes.IndexAny(text, "{["); i >= 0; {
		end := events.ValueEnd(text, i)
		if end > 0 && json.Valid(text[i:end]) {
			if f.word(text[i:end]) != "" {
				return f.value(text[i:end], depth-1)
			}
			i = end - 1
		}
		next := bytes.IndexAny(text[i+1:], "{[")
		if next < 0 {
			break
		}
		i += 1 + next
	}
	return id
}

// word returns the id that is a word of text.
func (f *finder) word(text []byte) string {
	for word := range bytes.FieldsFuncSeq(text, func(r rune) bool {
		return !('0' <= r && r <= '9' || 'a' <= r|0x20 && r|0x20 <= 'z')
	}) {
		if id, ok := f.is(string(word)); ok {
			return id
		}
	}
	return ""
}

func (f *finder) value(raw []byte, depth int) (id string) {
	if depth == 0 || len(raw) == 0 || f.word(raw) == "" {
		return ""
	}
	switch raw[0] {
	case '{':
		return f.object(raw, depth)
	case '[':
		var all []json.RawMessage
		json.Unmarshal(raw, &all)
		for _, v := range all {
			if found := f.value(v, depth-1); found != "" {
				id = found
			}
		}
	case '"':
		var s string
		json.Unmarshal(raw, &s)
		return f.text([]byte(s), depth-1)
	}
	return id
}

func (f *finder) object(raw []byte, depth int) (id string) {
	all := membersOf(raw)
	message := ""
	for _, key := range messageKeys {
		if i := slices.IndexFunc(all, func(a events.Attr) bool { return a.Key == key && strings.HasPrefix(a.Value, `"`) }); i >= 0 {
			message = key
			if strings.HasPrefix(all[i].Value, `"telemetry.`) {
				return ""
			}
			break
		}
	}
	for _, a := range all {
		if found := f.value([]byte(a.Value), depth-1); found != "" {
			id = found
		}
	}
	if id == "" || message == "" {
		return id
	}
	l := logLine{trace: id}
	l.take("", all, message, f.is)
	f.all = append(f.all, l)
	return ""
}

// membersOf returns the members of a JSON object.
func membersOf(raw []byte) (all []events.Attr) {
	members, _ := events.Members(raw, nil)
	for _, m := range members {
		all = append(all, events.Attr{Key: string(m.Key), Value: string(m.Value)})
	}
	return all
}

// messageKeys are where loggers and shippers put the text of a log, the more certain ones first.
var messageKeys = []string{"msg", "message", "_msg", "MESSAGE", "body", "short_message", "log", "text", "event", "line"}

// take takes the members of a log's object.
func (l *logLine) take(prefix string, all []events.Attr, message string, is idMatch) {
	for _, a := range all {
		key, value := prefix+a.Key, a.Value
		if strings.HasPrefix(value, "{") {
			inside := membersOf([]byte(value))
			if key == "labels" {
				key = ""
			} else {
				key += "."
			}
			if strings.Count(key, ".") < maxNested {
				l.take(key, inside, "", is)
			}
			continue
		}
		text := value
		if strings.HasPrefix(value, `"`) {
			text = ""
			json.Unmarshal([]byte(value), &text)
		}
		switch t, err := time.Parse(time.RFC3339, text); {
		case message != "" && key == message:
			l.message = text
		case err == nil && l.time.IsZero() && slices.Contains([]string{"time", "@timestamp", "timestamp", "ts", "_time", "date"}, key):
			l.time = t
		case slices.Contains([]string{"level", "log.level", "severity", "lvl"}, key):
			l.level = strings.ToUpper(text)
		case slices.Contains([]string{"span_id", "span.id", "spanId", "spanID"}, key):
			l.span = text
		case key == "scope", key == "slogtel.scope":
			l.scope = text
		case key == "ecs.version", key == "event.dataset":
		default:
			if _, ok := is(text); !ok {
				l.attrs = append(l.attrs, events.Attr{Key: key, Value: text})
			}
		}
	}
	var level slog.Level
	if level.UnmarshalText([]byte(l.level)) != nil && len(l.level) > 10 {
		l.level = ""
	}
}

var (
	textTime = regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)`)
	textSpan = regexp.MustCompile(`(?i)span[_.]?id["=: ]+([0-9a-f]{16})`)
)

// same reports whether two logs are one line that came twice, which only a time that is finer than a microsecond tells.
func (l *logLine) same(o *logLine) bool {
	return l.time.Nanosecond()%1000 != 0 && l.time.Equal(o.time) && l.message == o.message && l.span == o.span && slices.Equal(l.attrs, o.attrs)
}

// textLog is a line that is no JSON.
func textLog(line, id string) logLine {
	l := logLine{trace: id, message: strings.TrimSpace(line)}
	if at := textTime.FindString(line); at != "" {
		l.time, _ = time.Parse(time.RFC3339, strings.Replace(at, " ", "T", 1))
	}
	if m := textSpan.FindStringSubmatch(line); m != nil {
		l.span = m[1]
	}
	return l
}
