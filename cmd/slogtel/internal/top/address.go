//go:build !js

package top

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/remote"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

// patience is how long an address may take to answer.
const patience = 5 * time.Second

// maxAnswer is the most bytes of an answer.
const maxAnswer = 32 << 20

// getter asks an address.
type getter interface {
	Get(ctx context.Context) (io.ReadCloser, error)
	Name() string
}

var _ getter = (*remote.Poller)(nil)

// An address is the source that asks an app: the page of reporters/live, as JSON.
type address struct {
	get  getter
	good *snapshot // the last answer; nil: none yet
	at   time.Time // when it came, or when the address was first asked
	pid  int
	err  error // of the last question
}

func newAddress(g getter) *address { return &address{get: g, at: time.Now()} }

// snapshot implements source. It is not safe for concurrent use.
func (a *address) snapshot(ctx context.Context) *snapshot {
	var s *snapshot
	if s, a.err = a.ask(ctx); a.err == nil {
		a.good, a.at = s, time.Now()
		return s
	}
	if a.good == nil {
		s = &snapshot{Source: a.get.Name(), Time: time.Now(), Scopes: []scope{}, Open: []open{}, Counters: []metric{}, Gauges: []metric{}, Histograms: []metric{}}
	} else {
		last := *a.good
		s = &last
	}
	s.Problem = fmt.Sprintf("no answer for %s: %v; trying again", text.Duration(time.Since(a.at).Truncate(time.Second)), a.err)
	return s
}

func (a *address) ask(ctx context.Context) (*snapshot, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("it takes more than %s", patience))
	defer cancel()
	body, err := a.get.Get(ctx)
	if err != nil {
		return nil, causeOf(ctx, err)
	}
	defer body.Close()
	data, err := io.ReadAll(io.LimitReader(body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, causeOf(ctx, err)
	case len(data) > maxAnswer:
		return nil, fmt.Errorf("an answer of more than %d bytes", maxAnswer)
	}
	var p page
	if err := json.Unmarshal(data, &p); err != nil || p.Schema == 0 || p.Scopes == nil {
		return nil, errors.New("the answer is not that of reporters/live; a query of a store cannot be followed: slogtel report reads it")
	}
	if p.Schema > pageSchema {
		return nil, fmt.Errorf("the answer has schema %d, and this program knows %d: a newer slogtel is needed", p.Schema, pageSchema)
	}
	s := p.snapshot(a.get.Name())
	s.Notes.If(a.pid != 0 && a.pid != p.PID, "another process answers than before: pid %d, up for %s", p.PID, text.Seconds(p.Uptime))
	a.pid = p.PID
	return s, nil
}

// causeOf prefers why ctx is done to what came of it.
func causeOf(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// pageSchema is the version of the JSON that page has.
const pageSchema = 1

// A page is what is used of the JSON of reporters/live.
type page struct {
	Schema     int        `json:"schema"`
	Title      string     `json:"title"`
	Time       time.Time  `json:"time"`
	Uptime     float64    `json:"uptime_s"`
	Ended      bool       `json:"ended"`
	PID        int        `json:"pid"`
	Open       []pageOpen `json:"open"`
	OpenCount  int64      `json:"open_count"`
	Counters   []pageMetric
	Gauges     []pageMetric
	Histograms []pageMetric
	Scopes     []struct {
		Scope   string
		Windows map[string]pageWindow
	}
	Stats json.RawMessage
}

type pageOpen struct {
	Scope    string         `json:"scope"`
	Age      float64        `json:"age_s"`
	Attrs    map[string]any `json:"attrs"`
	Error    string         `json:"error"`
	Children []pageOpen     `json:"children"`
}

type pageMetric struct {
	Name, Unit string
	Rate, Last *float64
	Windows    map[string]pageWindow
}

type pageWindow struct {
	Seconds            float64
	Calls, Errors      int64
	Rate               float64
	P50, P95, P99, Max *float64
}

const lastMinute = "1m" // the name of the window

// maxOpen is the most open scopes that are taken of a page, and maxDepth how deep.
const (
	maxOpen  = 1000
	maxDepth = 64
)

func (p *page) snapshot(name string) *snapshot {
	s := &snapshot{
		Source: strings.TrimSpace(p.Title + " " + name), Time: p.Time, Seconds: min(p.Uptime, window), OpenCount: p.OpenCount,
		Scopes: []scope{}, Open: []open{}, Counters: []metric{}, Gauges: []metric{}, Histograms: []metric{},
	}
	var stats map[string]struct{ Overflow float64 } // what Handler.Stats has; others may have other counts
	if _ = json.Unmarshal(p.Stats, &stats); stats["live"].Overflow > 0 {
		s.Notes = append(s.Notes, text.Number(stats["live"].Overflow)+" events of more names than the app keeps are left out (live.Options.MaxScopes)")
	}
	if p.Ended {
		s.Problem = "the app has shut its telemetry down"
	}
	for _, sc := range p.Scopes {
		w := sc.Windows[lastMinute]
		if w.Seconds > 0 {
			s.Seconds = w.Seconds
		}
		if w.Calls > 0 {
			s.Scopes = append(s.Scopes, scope{Scope: sc.Scope, Calls: w.Calls, Rate: w.Rate, Errors: w.Errors, P50: w.P50, P95: w.P95, P99: w.P99, Max: w.Max})
		}
	}
	for _, m := range p.Counters {
		s.Counters = append(s.Counters, metric{Name: m.Name, Unit: m.Unit, Rate: m.Rate})
	}
	for _, m := range p.Gauges {
		s.Gauges = append(s.Gauges, metric{Name: m.Name, Unit: m.Unit, Last: m.Last})
	}
	for _, m := range p.Histograms {
		w := m.Windows[lastMinute]
		s.Histograms = append(s.Histograms, metric{Name: m.Name, Unit: m.Unit, Rate: &w.Rate, P50: w.P50, P95: w.P95, P99: w.P99})
	}
	s.Open = flat(s.Open, p.Open, 0)
	s.OpenCount = max(s.OpenCount, int64(len(s.Open)))
	return s
}

// flat appends open scopes, those inside of one after it.
func flat(dst []open, list []pageOpen, depth int) []open {
	for _, o := range list {
		if len(dst) >= maxOpen || depth > maxDepth {
			return dst
		}
		dst = append(dst, open{Scope: o.Scope, Depth: depth, AgeS: o.Age, Attrs: attrs(o.Attrs), Error: o.Error})
		dst = flat(dst, o.Children, depth+1)
	}
	return dst
}

// attrs returns attributes as text, by their keys.
func attrs(all map[string]any) string {
	var list []string
	for k, v := range all {
		b, _ := json.Marshal(v) // it came of JSON
		list = append(list, k+"="+string(bytes.Trim(b, `"`)))
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}
