package main

// savings is what asking in this way saved, against one call for each batch and prompt
// that has all its sources sent along. What it cost instead is below 0.
type savings struct {
	Method  string  `json:"method"` // measured, by -compare, or estimated
	Calls   int64   `json:"calls"`
	Tokens  int64   `json:"tokens"`     // of prompts, that were not sent and not read again
	Seconds float64 `json:"duration_s"` // in exchanges with the provider
}

// savings compares with what -compare measured. Without it, a vectorized call is taken
// to have saved one call for each prompt but one, each with the same sources, and as
// long as so many tokens take. A cache saves the tokens that are read from it; how long
// these would have taken is not known without -compare.
func (e *envelope) savings(p *pipeline) savings {
	s := savings{Method: "estimated"}
	var own, other savings
	for _, o := range e.outcomes {
		spent := savings{"", 1, o.ActualTokens - o.CachedTokens, o.APISeconds}
		switch o.stage {
		case stageCompare:
			other.add(spent, 1)
		case stageCall:
			own.add(spent, 1)
			s.add(o.saved(spent), 1)
		}
	}
	if p.compare {
		s = savings{Method: "measured"}
		s.add(other, 1)
		s.add(own, -1)
	}
	s.add(savings{"", 0, p.caches.stats.CreatedTokens, p.caches.stats.Seconds}, -1)
	return s
}

func (s *savings) add(t savings, sign int64) {
	s.Calls += sign * t.Calls
	s.Tokens += sign * t.Tokens
	s.Seconds += float64(sign) * t.Seconds
}

// saved is the estimate for one call.
func (o outcome) saved(spent savings) savings {
	switch {
	case o.superseded: // all for nothing
		return savings{"", -1, -spent.Tokens, -spent.Seconds}
	case o.err != nil || !o.vectorized():
		return savings{"", 0, o.CachedTokens, 0}
	}
	more := int64(len(o.prompts) - 1)
	tokens, seconds := int64(0), 0.0
	if o.EstimatedTokens > 0 {
		tokens = more * o.ActualTokens * int64(o.sources) / int64(o.EstimatedTokens)
	}
	if o.TotalTokens > 0 {
		seconds = o.APISeconds * float64(tokens) / float64(o.TotalTokens)
	}
	return savings{"", more, tokens, seconds}
}
