package diff

// A Verdict says what became of a scope or metric.
type Verdict string

// The verdicts.
const (
	FailsMore Verdict = "fails more"
	Slower    Verdict = "slower"
	Higher    Verdict = "higher" // of a histogram
	FailsLess Verdict = "fails less"
	Faster    Verdict = "faster"
	Lower     Verdict = "lower"
	New       Verdict = "new"
	Gone      Verdict = "gone"
	Same      Verdict = "same"    // no difference was shown
	TooFew    Verdict = "too few" // values for a test
	Untested  Verdict = "-"       // nothing that a test fits
	LeftOut   Verdict = "?"       // not seen on one side, where there were more than is room for
)

// A Comparison is of all scopes and metrics.
type Comparison struct {
	Alpha       float64 `json:"alpha"`
	MinCalls    int     `json:"min_calls"`
	Correction  string  `json:"correction"`
	Tests       int     `json:"tests"`
	Scopes      []Row   `json:"scopes"`            // by impact
	Metrics     []Row   `json:"metrics"`           // what differs first, then by name
	Regressions []int   `json:"-"`                 // of Scopes, those over the limit that was asked for
	LeftOut     int64   `json:"left_out_events"`   // of series over the limit
	InSummary   int64   `json:"in_summary_events"` // left out: a summary counts them
}

// A Row compares a scope or metric. Times are in seconds.
type Row struct {
	Scope      string     `json:"scope"`
	Type       string     `json:"type"`
	Verdicts   []Verdict  `json:"verdicts"`
	A          *Figures   `json:"a"` // null: not there
	B          *Figures   `json:"b"`
	Values     *ValueTest `json:"values"`     // of durations or a histogram; null: not tested
	ErrorRates *ShareTest `json:"error_rate"` // null: not tested
	Impact     float64    `json:"impact_s"`   // what B's calls take more than they would at A's mean
	unsure     bool       // the side that does not have it has left some out
}

// Figures are of one side.
type Figures struct {
	Count  float64  `json:"count"`
	Errors float64  `json:"errors"`
	Sum    *float64 `json:"sum"`  // null: not known, of gauges in summaries of older versions
	Mean   *float64 `json:"mean"` // null: as Sum
	P50    float64  `json:"p50"`  // 0 where only summaries were read
	P95    float64  `json:"p95"`
	Max    float64  `json:"max"`
}

// A ValueTest compares distributions.
type ValueTest struct {
	Test        string   `json:"test"`
	P           float64  `json:"p"`
	Adjusted    float64  `json:"p_adjusted"`
	Significant bool     `json:"significant"`
	Share       float64  `json:"share_greater_in_b"` // of all pairs of a value of A and one of B
	Change      *float64 `json:"change"`             // of a typical value: 0.1 is 10 % more; null where values are not above zero
	Low         *float64 `json:"change_low"`         // confidence interval at 1 - alpha; null: no bound
	High        *float64 `json:"change_high"`
}

// A ShareTest compares error rates.
type ShareTest struct {
	Test        string  `json:"test"`
	P           float64 `json:"p"`
	Adjusted    float64 `json:"p_adjusted"`
	Significant bool    `json:"significant"`
	A           float64 `json:"a"`
	B           float64 `json:"b"`
}
