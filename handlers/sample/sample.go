package sample

import (
	"context"
	"log/slog"
	"math"
	"math/rand/v2"
	"sync/atomic"

	slogmulti "github.com/samber/slog-multi"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/forward"
	"github.com/slogtel/telemetry/internal/glob"
)

// KeySampleRate is the key of the attribute that sampling adds: the share of such
// records that is kept, a float in (0, 1). The record stands for 1/sample_rate of them.
const KeySampleRate = event.KeySampleRate

// A Rule gives the scopes that match a pattern their rate.
type Rule struct {
	// Scope is the full path of a scope, in which each * stands for any characters, dots
	// included, or none: "api.*" is all below api, without api itself; "api*" is with it,
	// and with apidocs; "*" is all. A metric's path ends with its name.
	Scope string

	// Rate is the share that is kept: 0.1 keeps one in ten. Zero means not set, as in all
	// options, and keeps all. Less than zero keeps none; more than 1 and NaN keep all. A rate
	// between 0 and 0.000001 is taken for 0.000001: no record stands for more than a million,
	// also where it is sampled twice.
	Rate float64
}

// Options configure [New]. The zero value keeps everything.
type Options struct {
	// Rules are tried in turn: the first that matches decides.
	Rules []Rule

	// Rate is for scopes that no rule matches. It is read as that of a [Rule]: zero keeps
	// all, less than zero none.
	Rate float64

	// KeepLevel is the level from which on all records are kept. Nil is slog.LevelWarn.
	KeepLevel slog.Leveler

	// Keep, if not nil, returns true for more records that are to be kept: slow ones, for
	// example. It must depend on the record alone. It is called from any goroutine, and only
	// for a record that could be dropped otherwise.
	Keep func(context.Context, slog.Record) bool

	// Metrics says that counters, gauges, histograms and plain metrics are sampled, too. Their
	// sums, scaled back, are then right on average only. By default they all pass.
	Metrics bool

	// Random returns a number in [0, 1) that decides on a record without a trace. It is
	// called from any goroutine. Nil is rand.Float64.
	Random func() float64
}

// A Sampler decides which records are kept, and counts them. [New] makes one.
type Sampler struct {
	rules     []rule
	rate      float64
	keepLevel slog.Leveler
	keep      func(context.Context, slog.Record) bool
	metrics   bool
	random    func() float64

	kept, dropped atomic.Int64
}

// New returns a Sampler whose Middleware may be put before any number of handlers. Nil opts
// are the defaults; they are copied.
func New(opts *Options) *Sampler {
	var o Options
	if opts != nil {
		o = *opts
	}
	s := &Sampler{rate: 1, keepLevel: slog.LevelWarn, keep: o.Keep, metrics: o.Metrics, random: rand.Float64}
	for _, r := range o.Rules {
		s.rules = append(s.rules, rule{glob.New(r.Scope), clampRate(r.Rate)})
	}
	s.rate = clampRate(o.Rate)
	if o.KeepLevel != nil {
		s.keepLevel = o.KeepLevel
	}
	if o.Random != nil {
		s.random = o.Random
	}
	return s
}

type rule struct {
	pattern glob.Pattern
	rate    float64
}

func (s *Sampler) rateOf(path string) float64 {
	for i := range s.rules {
		if s.rules[i].pattern.Matches(path) {
			return s.rules[i].rate
		}
	}
	return s.rate
}

func clampRate(rate float64) float64 {
	if math.IsNaN(rate) || rate == 0 {
		return 1
	}
	return max(0, min(rate, 1))
}

// Middleware returns a handler that passes on to next what is kept. The method is a
// [slogmulti.Middleware].
func (s *Sampler) Middleware(next slog.Handler) slog.Handler {
	h := &handler{Rooted: forward.NewRooted(next), sampler: s}
	h.Last = true
	return h
}

var _ slogmulti.Middleware = (*Sampler)(nil).Middleware

// Stats counts the records that came to a [Sampler]. Each was kept or dropped.
type Stats struct {
	Kept    int64 // passed on, with a sample_rate or without
	Dropped int64
}

// Stats returns the counts so far.
func (s *Sampler) Stats() Stats {
	return Stats{Kept: s.kept.Load(), Dropped: s.dropped.Load()}
}
