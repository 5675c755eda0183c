package page

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func at(scope, parent, trace, id, up string, start, end int64) *span {
	return &span{scope: &scopeStats{scopeKey: scopeKey{scope, parent}}, trace: trace, id: id, parentID: up, start: start, duration: end - start}
}

func TestLayout(t *testing.T) {
	for name, test := range map[string]struct {
		spans []*span
		want  []int
	}{
		"nested, by path":     {[]*span{at("a", "", "", "", "", 0, 100), at("a.b", "a", "", "", "", 0, 50), at("a.b.c", "a.b", "", "", "", 10, 20), at("a.d", "a", "", "", "", 60, 70)}, []int{0, 1, 2, 1}},
		"side by side":        {[]*span{at("a", "", "", "", "", 0, 100), at("a.b", "a", "", "", "", 0, 50), at("a.b", "a", "", "", "", 10, 60)}, []int{0, 1, 2}},
		"one after the other": {[]*span{at("a", "", "t1", "1", "", 0, 10), at("a", "", "t2", "1", "", 10, 20)}, []int{0, 0}},
		"traces at once, each together": {[]*span{
			at("a", "", "t1", "1", "", 0, 100), at("a", "", "t2", "1", "", 5, 90), at("a.b", "a", "t1", "2", "1", 10, 20), at("a.b", "a", "t2", "2", "1", 12, 30),
		}, []int{0, 0, 1, 1}},
		"a parent that is not there": {[]*span{at("a.b", "a", "t1", "2", "1", 0, 10), at("a.c", "a", "t1", "3", "1", 5, 12)}, []int{0, 1}},
		"spans of no length":         {[]*span{at("a", "", "", "", "", 5, 5), at("a", "", "", "", "", 5, 5)}, []int{0, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, layout(test.spans).lane)
		})
	}
}

// No two spans of a lane overlap.
func TestLayoutDoesNotOverlap(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		c := newSpanChoice(&DefaultLimits, &grid{max: 120, width: 1})
		names := []string{"a", "a.b", "a.b.c", "x"}
		for range 1 + r.IntN(120) {
			i := r.IntN(len(names))
			s := at(names[i], names[max(0, i-1)], "", fmt.Sprint(r.IntN(9)), fmt.Sprint(r.IntN(9)), r.Int64N(200), 0)
			if r.IntN(2) == 0 {
				s.trace = fmt.Sprint("t", r.IntN(5))
			}
			s.duration = r.Int64N(80)
			c.earliest.Keep(s)
		}
		spans := c.choose(&DefaultLimits)
		p := layout(spans)
		for i, a := range spans {
			if up := p.up[i]; up >= 0 {
				require.Less(t, up, i)
				require.Equal(t, p.group[up], p.group[i])
				require.Less(t, p.lane[up], p.lane[i])
			}
			for k, b := range spans[:i] {
				if a.trace != "" && a.trace == b.trace {
					require.Equal(t, p.group[i], p.group[k], "seed %d: %d and %d are of one trace", seed, i, k)
				}
				if p.group[i] == p.group[k] && p.lane[i] == p.lane[k] {
					require.False(t, a.start < b.end() && b.start < a.end(), "seed %d: %d and %d", seed, i, k)
				}
			}
		}
	}
}

func TestSpansThatAreKept(t *testing.T) {
	l := DefaultLimits
	l.Earliest, l.Slowest, l.InBucket, l.Failed = 5, 3, 1, 2
	m := NewModel(l)
	for i := range 1000 {
		e := timing("a", "", time.Duration(i)*time.Second, time.Millisecond)
		if i == 500 || i == 600 || i == 700 {
			e.Duration = time.Second
		}
		if i >= 900 {
			e.Error = "x"
		}
		m.Event(e)
	}
	d := written(t, m, Page{})
	kept := make(map[int]bool)
	for i, start := range d.Spans.Start {
		kept[int((int64(start)+int64(d.Spans.Duration[i]))/1e3/1e6)] = true
	}
	for _, want := range []int{0, 1, 2, 3, 4, 500, 600, 700, 900, 901} {
		assert.True(t, kept[want], "%d", want)
	}
	assert.Greater(t, len(kept), 60, "some of each bucket")
	assert.LessOrEqual(t, len(kept), 5+3+2+l.Buckets)
	assert.Contains(t, strings.Join(d.Notices, "\n"), "of 1,000 spans")
}
