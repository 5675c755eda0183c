package reporters

import (
	"log/slog"
	"math/rand/v2"
)

// An aggregateView is one of the handlers derived from an [Aggregate]. It is immutable.
type aggregateView struct {
	next slog.Handler
	salt uint64 // tells the hashes of its series from those of others
}

func newAggregateView(next slog.Handler) *aggregateView {
	return &aggregateView{next: next, salt: rand.Uint64()}
}
