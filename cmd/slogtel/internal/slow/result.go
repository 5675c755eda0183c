package slow

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/spans"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

// A Result is the slowest scopes.
type Result struct {
	Slowest []Slow  `json:"slowest"`
	Scopes  []Scope `json:"scopes"` // of all of them together
	Left    int     `json:"left_out,omitempty"`
	traced  bool
	sampled bool
	none    string // why there is nothing, if it is known
}

// A Slow is one scope, and where its time went.
type Slow struct {
	Scope    string            `json:"scope"`
	TraceID  string            `json:"trace_id,omitempty"`
	SpanID   string            `json:"span_id,omitempty"`
	Start    time.Time         `json:"start,omitzero"`
	Duration float64           `json:"duration_s"`
	Error    string            `json:"error,omitempty"`
	Attrs    map[string]string `json:"attrs,omitempty"`
	Spans    int               `json:"spans"`  // itself and those inside
	Scopes   []Scope           `json:"scopes"` // by what they have of the critical path
	keys     []string
}

// A Scope is what the spans of one scope have of the time.
type Scope struct {
	Scope    string  `json:"scope"`
	Critical float64 `json:"critical_s"` // on the critical path: all scopes add up to the duration
	Self     float64 `json:"self_s"`     // when nothing inside of it ran; more than the duration together where spans ran at once
	Spans    int     `json:"spans"`
	Errors   int     `json:"errors"`
}

// newResult finds each of the slowest among the events of its trace, by the number of that, and says where the time
// went. Without inner, those that turn out to be inside another scope, of another process, are left out.
func newResult(all []*events.Event, top int, inner bool, traces map[string]int, of [][]*events.Event) *Result {
	r := &Result{Slowest: []Slow{}}
	trees := make([]*spans.Tree, len(of))
	total := make(scopes)
	for _, e := range all {
		if len(r.Slowest) == top {
			break
		}
		s := Slow{Scope: e.Scope, TraceID: e.TraceID, SpanID: e.SpanID, Duration: e.Duration.Seconds(), Error: e.Error, Spans: 1, Scopes: []Scope{}}
		if !e.Time.IsZero() {
			s.Start = e.Start()
		}
		if i, ok := traces[e.TraceID]; ok {
			if trees[i] == nil {
				trees[i] = spans.Build(of[i])
			}
			if span := find(trees[i], e); span != nil {
				if !inner && span.Up != nil && !span.Up.Missing {
					continue
				}
				sums := make(scopes)
				s.Spans = sums.add(span)
				s.Scopes = sums.list()
				total.merge(sums)
				e = span.Event
			}
		}
		s.Attrs, s.keys = events.ByKey(e.Attrs)
		r.Slowest = append(r.Slowest, s)
	}
	r.Scopes = total.list()
	return r
}

func find(t *spans.Tree, e *events.Event) *spans.Span {
	i := slices.IndexFunc(t.Spans, func(s *spans.Span) bool {
		return s.SpanID == e.SpanID && s.Scope == e.Scope && s.Duration == e.Duration && s.Time.Equal(e.Time)
	})
	if i < 0 {
		return nil
	}
	return t.Spans[i]
}

// scopes are sums by scope.
type scopes map[string]*Scope

func (sums scopes) of(name string) *Scope {
	s := sums[name]
	if s == nil {
		s = &Scope{Scope: name}
		sums[name] = s
	}
	return s
}

// add adds a span and all that is inside of it, and returns how many these are.
func (sums scopes) add(root *spans.Span) (n int) {
	for _, step := range root.Path() {
		sums.of(step.Span.Scope).Critical += step.Took.Seconds()
	}
	for todo := []*spans.Span{root}; len(todo) > 0; {
		s := todo[len(todo)-1]
		todo = append(todo[:len(todo)-1], s.Children...)
		sum := sums.of(s.Scope)
		sum.Self += s.Self().Seconds()
		sum.Spans++
		if s.Failed() {
			sum.Errors++
		}
		n++
	}
	return n
}

func (sums scopes) merge(o scopes) {
	for name, s := range o {
		sums.of(name).add(s)
	}
}

func (s *Scope) add(o *Scope) {
	s.Critical += o.Critical
	s.Self += o.Self
	s.Spans += o.Spans
	s.Errors += o.Errors
}

func (sums scopes) list() []Scope {
	all := make([]Scope, 0, len(sums))
	for _, s := range sums {
		all = append(all, *s)
	}
	slices.SortFunc(all, func(a, b Scope) int {
		return cmp.Or(cmp.Compare(b.Critical, a.Critical), cmp.Compare(b.Self, a.Self), cmp.Compare(a.Scope, b.Scope))
	})
	return all
}

// Bounds of what is printed.
const (
	maxScopes = 6 // of each of the slowest
	maxValue  = 60
	maxError  = 160
)

const traceMark = "  trace "

// write writes the slowest, for a terminal of that width; 0: any.
func (r *Result) write(w io.Writer, width int) {
	var b strings.Builder
	sum := 0.0
	for n, s := range r.Slowest {
		sum += s.Duration
		when := ""
		if !s.Start.IsZero() {
			when = "  began " + s.Start.Local().Format(time.DateTime)
		}
		head, trace := fmt.Sprintf("%d. %s  %s%s", n+1, text.Seconds(s.Duration), text.Clean(s.Scope), when), ""
		if s.TraceID != "" {
			trace = traceMark + text.Clean(s.TraceID)
		}
		b.WriteString(head)
		if trace != "" && width > 0 && utf8.RuneCountInString(head+trace) > width {
			b.WriteString("\n ") // it is what is copied, and must not be cut
		}
		b.WriteString(trace + "\n")
		if s.Error != "" {
			b.WriteString("   error: " + text.Cut(text.Clean(s.Error), maxError) + "\n")
		}
		if len(s.keys) > 0 {
			b.WriteString("  ")
			for _, key := range s.keys {
				b.WriteString(" " + text.Clean(key) + "=" + text.Cut(text.Clean(s.Attrs[key]), maxValue))
			}
			b.WriteByte('\n')
		}
		writeScopes(&b, s.Scopes, s.Duration, maxScopes)
		b.WriteByte('\n')
	}
	if len(r.Slowest) > 1 && len(r.Scopes) > 0 {
		fmt.Fprintf(&b, "of all %d\n", len(r.Slowest))
		writeScopes(&b, r.Scopes, sum, 2*maxScopes)
		b.WriteByte('\n')
	}
	for _, note := range r.notes() {
		b.WriteString(note + "\n")
	}
	for line := range strings.Lines(b.String()) {
		if !strings.HasPrefix(line, " "+traceMark) {
			line = text.Narrow(strings.TrimSuffix(line, "\n"), width) + "\n"
		}
		io.WriteString(w, line)
	}
}

func writeScopes(b *strings.Builder, all []Scope, duration float64, most int) {
	if len(all) == 0 || len(all) == 1 && all[0].Spans == 1 {
		return
	}
	t := text.NewTable("   SCOPE", "WAITED FOR", "", "SELF", "SPANS", "ERRORS")
	for i, s := range all {
		if i == most {
			rest := Scope{Scope: fmt.Sprintf("%d others", len(all)-i)}
			for _, s := range all[i:] {
				rest.add(&s)
			}
			row(t, rest, duration)
			break
		}
		row(t, s, duration)
	}
	t.WriteTo(b)
}

func row(t *text.Table, s Scope, duration float64) {
	share, errors := "", ""
	if duration > 0 {
		share = text.Percent(s.Critical / duration)
	}
	if s.Errors > 0 {
		errors = text.Int(int64(s.Errors))
	}
	t.Row("   "+text.Clean(s.Scope), text.Seconds(s.Critical), share, text.Seconds(s.Self), text.Int(int64(s.Spans)), errors)
}

func (r *Result) notes() (notes text.Notes) {
	if len(r.Slowest) == 0 {
		return []string{cmp.Or(r.none, "no scope at the top was timed: see --scope")}
	}
	notes.If(true, "WAITED FOR adds up to the duration: at each moment it is the scope whose end came last that counts; SELF counts all that ran at once")
	notes.If(!r.traced, "no trace ids: where the time of a single scope went is not known (Options.TraceIDs); slogtel report has it of all together")
	notes.If(r.sampled, "lines were sampled: slower ones may not be among them")
	notes.If(r.Left > 0, "%d spans were left out: there is room for %d", r.Left, maxEvents)
	return notes
}
