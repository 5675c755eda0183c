package main

// callMetrics is one call, with all its attempts.
type callMetrics struct {
	Stage           string  `json:"stage"`
	Batch           int     `json:"batch"`
	Prompts         []int   `json:"prompts"`
	Model           string  `json:"model,omitempty"`
	Answered        bool    `json:"answered"`
	Attempts        int     `json:"attempts"`
	Seconds         float64 `json:"duration_s"`
	APISeconds      float64 `json:"api_s"`            // in exchanges with the provider
	NonAPISeconds   float64 `json:"non_api_s"`        // the rest: building, decoding, waits before retries
	EstimatedTokens int     `json:"estimated_tokens"` // of the prompt of one attempt
	ActualTokens    int64   `json:"actual_tokens"`    // of the prompts of all answered attempts
	CachedTokens    int64   `json:"cached_tokens"`    // of these
	TotalTokens     int64   `json:"total_tokens"`     // with the output
	Cache           string  `json:"cache,omitempty"`  // hit, miss; missing: none was to be used
	Fallback        bool    `json:"fallback,omitempty"`
}

// totals are the sums over all calls. Calls overlap in time: their seconds may be more
// than the run took.
type totals struct {
	Calls           int     `json:"calls"`
	Seconds         float64 `json:"duration_s"`
	APISeconds      float64 `json:"api_s"`
	NonAPISeconds   float64 `json:"non_api_s"`
	EstimatedTokens int64   `json:"estimated_tokens"`
	ActualTokens    int64   `json:"actual_tokens"`
}

// tokenValidation compares the estimate, four characters a token, with the provider's
// count, for the prompts of all answered attempts. The range is that of six to two
// characters a token: code and prose in most alphabets lie in it.
type tokenValidation struct {
	Expected int64 `json:"expected"`
	Min      int64 `json:"min"`
	Max      int64 `json:"max"`
	Actual   int64 `json:"actual"`
	InRange  bool  `json:"in_range"`
}

type concurrency struct {
	Limit int `json:"limit"`
	Used  int `json:"used"` // the most requests at once
}

// promptMetrics is one prompt's part of the work, without -compare. A vectorized call
// counts for each of its prompts; its time and tokens are shared out evenly.
type promptMetrics struct {
	Prompt      int     `json:"prompt"` // from 1
	Calls       int     `json:"calls"`
	Answered    int     `json:"answered"` // of the batches
	Failed      int     `json:"failed"`
	Seconds     float64 `json:"duration_s"`
	TotalTokens int64   `json:"total_tokens"`
}

type fallbackMetrics struct {
	Model    string `json:"model"`
	Calls    int    `json:"calls"`    // that the first model failed
	Answered int    `json:"answered"` // of these, by the fallback
}

// measure works out the metrics of all calls.
func (e *envelope) measure(p *pipeline) {
	m := &e.Metrics
	m.Concurrency = concurrency{p.concurrency, p.provider.inFlight.max}
	m.Calls = make([]callMetrics, 0, len(e.outcomes))
	m.Prompts = make([]promptMetrics, len(p.prompts))
	for i := range m.Prompts {
		m.Prompts[i].Prompt = i + 1
	}
	if p.fallbackModel != "" {
		m.Fallback = &fallbackMetrics{Model: p.fallbackModel}
	}
	for _, o := range e.outcomes {
		m.Calls = append(m.Calls, o.callMetrics)
		m.Totals.add(o.callMetrics)
		m.TokenValidation.Expected += o.expected
		if o.Fallback {
			m.Fallback.Calls++
			if o.Answered {
				m.Fallback.Answered++
			}
		}
		if o.stage != stageCompare {
			o.share(m.Prompts)
		}
		if o.cache != nil {
			m.Cache = &p.caches.stats
		}
	}
	v := &m.TokenValidation
	v.Min, v.Max, v.Actual = v.Expected*2/3, v.Expected*2, m.Totals.ActualTokens
	v.InRange = v.Min <= v.Actual && v.Actual <= v.Max
	m.Savings = e.savings(p)
}

func (t *totals) add(c callMetrics) {
	t.Calls++
	t.Seconds += c.Seconds
	t.APISeconds += c.APISeconds
	t.NonAPISeconds += c.NonAPISeconds
	t.EstimatedTokens += int64(c.EstimatedTokens)
	t.ActualTokens += c.ActualTokens
}

// share adds a call to the prompts that it asked; the first ones get what cannot be
// divided, so that the tokens of all prompts are those of all calls.
func (o outcome) share(prompts []promptMetrics) {
	n := int64(len(o.prompts))
	for i, number := range o.prompts {
		m := &prompts[number-1]
		m.Calls++
		m.Seconds += o.Seconds / float64(n)
		m.TotalTokens += o.TotalTokens / n
		if int64(i) < o.TotalTokens%n {
			m.TotalTokens++
		}
		switch {
		case o.stage != stageCall || o.superseded:
		case o.err == nil:
			m.Answered++
		default:
			m.Failed++
		}
	}
}
