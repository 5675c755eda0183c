package diff

import "math"

// A Verdict says what became of a scope or metric.
type Verdict string

// The verdicts.
const (
	FailsMore Verdict = "fails more"
	Slower    Verdict = "slower" // a typical call, or the mean of all
	SlowTail  Verdict = "slower tail"
	Higher    Verdict = "higher" // of a histogram
	HighTail  Verdict = "higher tail"
	FailsLess Verdict = "fails less"
	Faster    Verdict = "faster"
	FastTail  Verdict = "faster tail"
	Lower     Verdict = "lower"
	LowTail   Verdict = "lower tail"
	More      Verdict = "more" // calls, or the sum of a counter
	Fewer     Verdict = "fewer"
	New       Verdict = "new"
	Gone      Verdict = "gone"
	Same      Verdict = "same"    // no difference was shown
	TooFew    Verdict = "too few" // values for a test
	Untested  Verdict = "-"       // nothing that a test fits
	LeftOut   Verdict = "?"       // not seen on one side, where there were more than is room for
)

// A Comparison is of all scopes and metrics.
type Comparison struct {
	RunsA       int          `json:"runs_a"`
	RunsB       int          `json:"runs_b"`
	Alpha       float64      `json:"alpha"`
	MinCalls    int          `json:"min_calls"`
	Correction  string       `json:"correction"`
	Tests       int          `json:"tests"`
	Note        string       `json:"note,omitempty"`    // what cannot be known
	Scopes      []Row        `json:"scopes"`            // by impact
	Metrics     []Row        `json:"metrics"`           // what differs first, then by name
	Regressions []Regression `json:"regressions"`       // what --fail-on found
	LeftOut     int64        `json:"left_out_events"`   // of series over the limit
	InSummary   int64        `json:"in_summary_events"` // left out: a summary counts them
}

// A Regression is a scope or counter over a limit of --fail-on.
type Regression struct {
	Scope   string   `json:"scope"`
	Reasons []string `json:"reasons"`
}

// A Row compares a scope or metric. Times are in seconds.
type Row struct {
	Scope      string    `json:"scope"`
	Type       string    `json:"type"`
	Verdicts   []Verdict `json:"verdicts"`
	A          *Figures  `json:"a"` // null: not there
	B          *Figures  `json:"b"`
	Values     *Test     `json:"values"`     // a typical duration, or value of a histogram; null: not tested
	Mean       *Test     `json:"mean"`       // the mean of the same
	P95        *Test     `json:"p95"`        // and quantiles, of enough values
	P99        *Test     `json:"p99"`        //
	ErrorRates *Test     `json:"error_rate"` //
	Amount     *Test     `json:"amount"`     // calls of a run, or the sum of a counter
	Impact     float64   `json:"impact_s"`   // what B's calls take more than they would at A's mean
	unsure     bool      // the side that does not have it has left some out
	always     bool      // all runs of the one side that has it have it
}

// P is the least of the row's corrected p-values; false where nothing was tested.
func (r *Row) P() (p float64, tested bool) {
	p = math.Inf(1)
	for _, t := range r.tests() {
		p = min(p, t.Adjusted)
	}
	return p, !math.IsInf(p, 1)
}

// tests are those that were made.
func (r *Row) tests() []*Test {
	var list []*Test
	for _, t := range []*Test{r.ErrorRates, r.Values, r.Mean, r.P95, r.P99, r.Amount} {
		if t != nil {
			list = append(list, t)
		}
	}
	return list
}

// Figures are of all runs of one side.
type Figures struct {
	Runs   int      `json:"runs"` // that have it
	Count  float64  `json:"count"`
	Errors float64  `json:"errors"`
	Sum    *float64 `json:"sum"`  // null: not known, of gauges in summaries of older versions
	Mean   *float64 `json:"mean"` // null: as Sum
	P50    float64  `json:"p50"`  // 0 where there is no distribution
	P95    float64  `json:"p95"`
	Max    float64  `json:"max"`
}
