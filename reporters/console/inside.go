package console

import (
	"log/slog"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/humanize"
)

// shortenInside makes one text of the group in which package wide has what happened inside
// a root scope: "db 3x 4.1ms 1 failed, db.rows +30, queue = 5, bytes ~ 2.5". A group of that name in
// another form is left as it is.
func shortenInside(attrs []slog.Attr) {
	for i := range attrs {
		if a := &attrs[i]; a.Key == event.KeyInside && a.Value.Kind() == slog.KindGroup {
			w := insideText{ok: true}
			w.parts(a.Value.Group())
			if w.ok {
				a.Value = slog.StringValue(string(w.text))
			}
		}
	}
}

type insideText struct {
	text []byte
	ok   bool // all was in the form that is expected
}

func (w *insideText) parts(parts []slog.Attr) {
	for _, p := range parts {
		switch p.Key {
		case "scopes", "counters", "gauges", "histograms":
			for _, a := range w.group(p.Value) {
				w.begin(a.Key, " ")
				w.item(p.Key, a.Value)
			}
		case "first_error":
			w.begin(p.Key, " = ")
			w.text = append(append(w.text, w.member(p.Value, event.KeyScope, true).String()...), ": "...)
			w.text = append(w.text, w.member(p.Value, event.KeyError, true).String()...)
		case "open_scopes", "cut_events":
			w.begin(p.Key, " = ")
			w.number("", p.Value)
		default:
			w.ok = false
		}
	}
}

func (w *insideText) item(part string, v slog.Value) {
	switch part {
	case "scopes":
		w.number("", w.member(v, event.KeyCount, true))
		w.text = humanize.AppendSeconds(append(w.text, "x "...), w.float(w.member(v, event.KeyDuration, true)))
		if n := w.member(v, event.KeyErrors, false); n.Kind() == slog.KindInt64 {
			w.number(" ", n)
			w.text = append(w.text, " failed"...)
		}
	case "counters":
		w.number("+", v)
	case "gauges":
		w.number("= ", v)
	default: // the mean of a histogram
		n := w.float(w.member(v, event.KeyCount, true))
		w.text = humanize.AppendFloat(append(w.text, "~ "...), w.float(w.member(v, event.KeySum, true))/max(1, n))
	}
}

func (w *insideText) begin(name, sign string) {
	if len(w.text) > 0 {
		w.text = append(w.text, ", "...)
	}
	w.text = append(append(w.text, name...), sign...)
}

func (w *insideText) number(sign string, v slog.Value) {
	if w.float(v); w.ok {
		w.text = appendHumanValue(append(w.text, sign...), v)
	}
}

func (w *insideText) float(v slog.Value) float64 {
	switch v.Kind() {
	case slog.KindInt64:
		return float64(v.Int64())
	case slog.KindFloat64:
		return v.Float64()
	}
	w.ok = false
	return 0
}

func (w *insideText) group(v slog.Value) []slog.Attr {
	if v.Kind() != slog.KindGroup {
		w.ok = false
		return nil
	}
	return v.Group()
}

// member returns the member of a group, and the zero Value where there is none.
func (w *insideText) member(v slog.Value, key string, must bool) (found slog.Value) {
	for _, a := range w.group(v) {
		if a.Key == key {
			return a.Value
		}
	}
	w.ok = w.ok && !must
	return found
}
