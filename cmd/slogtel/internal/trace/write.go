package trace

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

// Bounds of a line.
const (
	maxLevels = 32
	maxValue  = 80  // characters of a value of an attribute
	maxError  = 200 // of an error or a message
)

// write writes the tree for a terminal of that width; 0: any. It has at most limit lines; 0: all.
func (r *Result) write(w io.Writer, width, limit int) {
	when := ""
	if !r.Start.IsZero() {
		when = ", began " + r.Start.Local().Format("2006-01-02T15:04:05.000Z07:00") + ", took " + text.Seconds(r.Duration)
	}
	fmt.Fprintf(w, "trace %s%s\n", text.Clean(r.TraceID), when)
	fmt.Fprintf(w, "%d spans, %d failed, %d metrics, %d logs\n\n", r.Spans, r.Failed, r.Metrics, r.Logs)
	shown := r.shown(limit)
	lines := text.NewTable("START", "TOOK", "SELF", "  WHAT")
	lines.Text, lines.Right = true, true
	left := make(map[*Item]*rest)
	for _, i := range r.Items {
		if !shown[i] && limit > 0 {
			up := left[i.up]
			if up == nil {
				up = new(rest)
				left[i.up] = up
			}
			up.add(i)
		}
	}
	var open []*Item // whose children are being written
	flush := func(level int) {
		for len(open) > level {
			up := open[len(open)-1]
			open = open[:len(open)-1]
			if more := left[up]; more != nil {
				lines.Row("", "", "", indent(up.Level+1)+more.String())
			}
		}
	}
	for _, i := range r.Items {
		if limit > 0 && !shown[i] {
			continue
		}
		flush(i.Level)
		open = append(open, i)
		lines.Row(offset(i.Offset), seconds(i.Duration), seconds(i.Self), i.mark()+indent(i.Level)+i.what())
	}
	flush(0)
	if more := left[nil]; more != nil {
		lines.Row("", "", "", "  "+more.String())
	}
	var b strings.Builder
	lines.WriteTo(&b)
	for line := range strings.Lines(b.String()) {
		fmt.Fprintln(w, text.Narrow(strings.TrimSuffix(line, "\n"), width))
	}
	fmt.Fprintln(w)
	for _, note := range r.notes(shown, limit) {
		fmt.Fprintln(w, note)
	}
}

func indent(level int) string { return strings.Repeat("  ", min(level, maxLevels)) }

func offset(s *float64) string {
	switch {
	case s == nil:
		return "-"
	case *s < 0:
		return text.Seconds(*s)
	}
	return "+" + text.Seconds(*s)
}

func seconds(s *float64) string {
	if s == nil {
		return ""
	}
	return text.Seconds(*s)
}

// mark is what a line begins with: one sign and a space.
func (i *Item) mark() string {
	switch {
	case i.Kind == "missing":
		return "? "
	case i.Outside:
		return "! "
	case i.Guessed:
		return "~ "
	case i.Parallel:
		return "= "
	}
	return "  "
}

func (i *Item) what() string {
	var b strings.Builder
	switch i.Kind {
	case "log":
		if i.LogLevel != "" {
			b.WriteString(text.Clean(i.LogLevel) + " ")
		}
		b.WriteString(strconv.QuoteToGraphic(text.Cut(text.Clean(i.Message), maxError)))
	case "metric":
		b.WriteString(i.name() + " ")
		switch value := text.Cut(text.Clean(string(i.Value)), maxValue); i.Type {
		case "counter":
			b.WriteString("+" + value)
		case "gauge":
			b.WriteString("= " + value)
		default:
			b.WriteString(value)
		}
		if i.Unit != "" {
			b.WriteString(" " + text.Clean(i.Unit))
		}
	case "missing":
		b.WriteString(text.Clean(cmp.Or(i.Scope, "a scope")))
		if i.SpanID != "" {
			b.WriteString(" " + text.Clean(i.SpanID))
		}
		b.WriteString(" (not among the lines)")
	default:
		b.WriteString(i.name())
	}
	if i.Kind == "span" && i.ParentSpanID != "" && i.up == nil {
		b.WriteString(" (called by " + text.Clean(i.ParentSpanID) + ", not among the lines)")
	}
	if i.Error != "" {
		b.WriteString(" error: " + text.Cut(text.Clean(i.Error), maxError))
	}
	if i.Canceled {
		b.WriteString(" canceled")
	}
	for _, key := range i.keys {
		value := text.Cut(text.Clean(i.Attrs[key]), maxValue)
		if value == "" || strings.ContainsAny(value, ` "=`) {
			value = strconv.QuoteToGraphic(value)
		}
		b.WriteString(" " + text.Clean(key) + "=" + value)
	}
	if i.SampleRate > 0 {
		b.WriteString(" (sampled at " + text.Number(i.SampleRate) + ")")
	}
	return b.String()
}

// name is the path as it reads below the line above.
func (i *Item) name() string {
	if i.up != nil && i.up.Scope != "" {
		if rest, ok := strings.CutPrefix(i.Scope, i.up.Scope+"."); ok {
			return text.Clean(rest)
		}
	}
	return text.Clean(i.Scope)
}

// shown returns the lines to be shown if there is room for so many: those that failed, then the longest, each with what
// it is inside of. All others are of one of these.
func (r *Result) shown(limit int) map[*Item]bool {
	if limit == 0 || len(r.Items) <= limit {
		all := make(map[*Item]bool, len(r.Items))
		for _, i := range r.Items {
			all[i] = true
		}
		return all
	}
	rank := slices.Clone(r.Items)
	score := func(i *Item) (failed int, took float64) {
		switch {
		case i.Error != "":
			failed = 2
		case i.Kind == "log" && i.LogLevel != "INFO" && i.LogLevel != "DEBUG":
			failed = 1
		}
		if i.Duration != nil {
			took = *i.Duration
		}
		return failed, took
	}
	slices.SortStableFunc(rank, func(a, b *Item) int {
		failed, took := score(a)
		failed2, took2 := score(b)
		return cmp.Or(cmp.Compare(failed2, failed), cmp.Compare(took2, took))
	})
	shown := make(map[*Item]bool, limit)
	for _, i := range rank {
		var path []*Item
		for up := i; up != nil && !shown[up] && len(path) <= limit; up = up.up {
			path = append(path, up)
		}
		if len(shown)+len(path) > limit {
			continue
		}
		for _, p := range path {
			shown[p] = true
		}
		if len(shown) == limit {
			break
		}
	}
	return shown
}

// A rest is what is inside of a line and not shown.
type rest struct {
	n, metrics, logs int
	took             float64
	scopes           map[string]int
}

func (r *rest) add(i *Item) {
	switch i.Kind {
	case "metric":
		r.metrics++
		return
	case "log":
		r.logs++
		return
	}
	if r.scopes == nil {
		r.scopes = make(map[string]int)
	}
	r.n++
	r.scopes[i.name()]++
	if i.Duration != nil {
		r.took += *i.Duration
	}
}

// maxScopes is how many scopes are named of those that are not shown.
const maxScopes = 3

func (r *rest) String() string {
	names := make([]string, 0, len(r.scopes))
	for name := range r.scopes {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(r.scopes[b], r.scopes[a]), cmp.Compare(a, b)) })
	var parts []string
	for _, name := range names[:min(maxScopes, len(names))] {
		parts = append(parts, fmt.Sprintf("%d %s", r.scopes[name], name))
	}
	if len(names) > maxScopes {
		parts = append(parts, "others")
	}
	if r.n > 0 {
		parts[len(parts)-1] += ", which took " + text.Seconds(r.took)
	}
	if r.metrics > 0 {
		parts = append(parts, fmt.Sprintf("%d metrics", r.metrics))
	}
	if r.logs > 0 {
		parts = append(parts, fmt.Sprintf("%d logs", r.logs))
	}
	return "… and " + strings.Join(parts, ", ")
}

func (r *Result) notes(shown map[*Item]bool, limit int) (notes text.Notes) {
	parallel := slices.ContainsFunc(r.Items, func(i *Item) bool { return i.Parallel && i.mark() == "= " })
	hidden := len(r.Items) - len(shown)
	notes.If(limit > 0 && hidden > 0, "%d of %d lines are not shown: see --limit and --json", hidden, len(r.Items))
	notes.If(r.Left > 0, "%d events and logs were left out: there is room for %d and %d", r.Left, maxEvents, maxLogs)
	notes.If(r.noIDs && r.Spans > 0, "no scope has a span id: what is inside of what is a guess by scope and time")
	notes.If(r.Missing > 0, "?: not among the lines, but others say that they are inside of it: it still runs, is in another file, or is lost")
	notes.If(r.Guessed > 0, "~: placed by scope and time, for want of span ids")
	notes.If(r.Outside > 0, "!: began before the scope around it or after its end: clocks differ, or it was measured elsewhere")
	notes.If(parallel, "=: ran at the same time as one before it")
	notes.If(r.Same > 0, "%d spans have an id and a scope that another one has, too", r.Same)
	notes.If(r.Spans == 0 && r.Logs > 0, "there are only logs of this trace")
	return notes
}
