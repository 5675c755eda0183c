package sample

import (
	"context"
	"log/slog"
	"math"
	"math/rand/v2"
	"sync/atomic"

	"github.com/slogtel/telemetry/internal/forward"
	"github.com/slogtel/telemetry/internal/glob"
)

// KeySampleRate is the key of the attribute that sampling adds: the share of such
// records that is kept, a float in (0, 1). The record stands for 1/sample_rate of them.
const KeySampleRate = "sample_rate"

// A SampleRule gives the scopes that match a pattern their rate.
type Rule struct {
	// Scope is the full path of a scope, in which each * stands for any characters, dots
	// included, or none: "api.*" is all below api, without api itself; "api*" is with it,
	// and with apidocs; "*" is all. A metric's path ends with its name.
	Scope string

	// Rate is the share that is kept, up to 1, all. As in all options, zero is not set: all
	// are kept. What is below keeps none, NaN and what is above 1 all. What is above 0 but
	// below 0.000001 is taken for that: no record stands for more than a million, also where
	// it is sampled twice.
	Rate float64
}

// SampleOptions configure [Sample]. The zero value keeps everything.
type Options struct {
	// Rules are tried in turn: the first that matches decides.
	Rules []Rule

	// Rate is for scopes that no rule matches, as that of a rule: zero keeps all, what is
	// below none.
	Rate float64

	// KeepLevel is the level from which on all records are kept. Nil is slog.LevelWarn.
	KeepLevel slog.Leveler

	// Keep, if there is one, names more records that are all kept: slow ones, for example.
	// It must depend on the record alone, is called from any goroutine, and only where the
	// record could be dropped otherwise.
	Keep func(context.Context, slog.Record) bool

	// Metrics has counters, gauges, histograms and plain metrics sampled, too: scaled back
	// their sums are right on average, but no more than that. By default they all pass.
	Metrics bool

	// Random returns a number in [0, 1), on which the fate of a record without a trace
	// depends. It is called from any goroutine. Nil is rand.Float64; a test may want
	// another.
	Random func() float64
}

// Sample returns a middleware that keeps a share of what happens inside scopes: of the
// timings, and of the app's own logs. It is [NewSampler] for those who do not ask for
// the counts.
//
// # What is never dropped
//
// Records outside of any scope; metrics, unless SampleOptions.Metrics says otherwise,
// and summaries; records at or above KeepLevel; those with an error attribute that is
// neither nil nor empty; those that Keep names. They are passed on as they are, without
// an allocation, and so is everything at rate 1.
//
// # Traces
//
// The decision for a record with a trace_id, of its own or of its context, depends on
// that id alone: a trace is kept or dropped as a whole, through all scopes, handlers and
// processes with the same rate, and what a rate keeps is kept by any higher one, too.
// (All but the errors, of which those in dropped traces are kept.) Of a W3C trace id the
// last 56 bits are compared with the rate, in the manner of OpenTelemetry's consistent
// probability sampling (https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/),
// so they must be random, as Telemetry's ids are; other ids are hashed. Without a trace
// id, each record is decided on by itself, at random.
//
// # Scaling back
//
// A record that was kept by chance gets the attribute sample_rate, at the root level
// also when the logger has open groups. Each counts as 1/sample_rate records, and one
// without the attribute as one: sums of these are right on average, also where failures
// are kept at another rate than successes, for each record has been kept with just the
// probability that it states. (How far off they are depends on the number of
// independent decisions, which with ids is that of the traces.)
//
// If a record has a sample_rate already, because it went through another Sample above
// this one or in another process, the two are multiplied and the attribute is replaced.
// With a trace id that requires that the first decision was made in the same way, by
// Sample; without, that it was independent.
//
// # Others
//
// The optional methods of the next handler (Flush, Shutdown, ScopeStarted, RetainsRecords)
// are passed on: it is told of all scopes that start, also of those whose end is dropped.
type Sampler struct {
	rules     []rule
	rate      float64
	keepLevel slog.Leveler
	keep      func(context.Context, slog.Record) bool
	metrics   bool
	random    func() float64

	kept, dropped atomic.Int64
}

// NewSampler returns a Sampler whose Middleware may be put before any number of
// handlers. Nil opts are the defaults; they are copied.
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

// Middleware returns next with the sampling before it. It is a [slogmulti.Middleware].
func (s *Sampler) Middleware(next slog.Handler) slog.Handler {
	return &handler{Optional: forward.Optional{To: next}, sampler: s, next: next, root: next}
}

// SampleStats counts the records that came to a [Sampler]: each was kept or dropped.
type Stats struct {
	Kept    int64 // passed on, with a sample_rate or without
	Dropped int64
}

// Stats returns the counts so far.
func (s *Sampler) Stats() Stats {
	return Stats{Kept: s.kept.Load(), Dropped: s.dropped.Load()}
}
