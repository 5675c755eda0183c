package events

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func readOnce(t *testing.T, text string) Counts {
	t.Helper()
	var counts [2]Counts
	for i := range counts {
		n := int64(0)
		o := Options{Inputs: []string{"-"}, Stdin: strings.NewReader(text), Once: true}
		var err error
		if i == 0 {
			counts[i], err = ReadInOrder(t.Context(), o, sinkFunc(func(*Event) { n++ }))
		} else {
			counts[i], err = Read(t.Context(), o, func() Sink { return new(keeper) })
			n = counts[i].Used
		}
		require.NoError(t, err)
		require.Equal(t, counts[i].Used, n)
	}
	require.Equal(t, counts[0], counts[1])
	return counts[0]
}

const spanIDs = `,"trace_id":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","span_id":"%016x"`

func timingLine(scope string, calls int, took float64, more string) string {
	return fmt.Sprintf(`{"time":"2026-01-02T03:04:05.000000006Z","level":"INFO","msg":"telemetry.timing","scope":%q,"depth":0,"parent_scope":"","metric_type":"timing","call_count":%d,"duration_s":%v%s}`+"\n", scope, calls, took, more)
}

func TestOnce(t *testing.T) {
	ids := func(n int) string { return fmt.Sprintf(spanIDs, n) }
	one := timingLine("a", 1, 1, ids(1))
	assert.Equal(t, int64(4), readOnce(t, strings.Repeat(one, 5)).Twice)
	for name, other := range map[string]string{
		"another scope":          timingLine("b", 1, 1, ids(1)),
		"another call":           timingLine("a", 2, 1, ids(1)),
		"another duration":       timingLine("a", 1, 2, ids(1)),
		"another span":           timingLine("a", 1, 1, ids(2)),
		"another trace":          timingLine("a", 1, 1, strings.Replace(ids(1), "aaa", "aab", 1)),
		"one in a summary":       timingLine("a", 1, 1, ids(1)+`,"in_summary":true`),
		"one without ids":        timingLine("a", 1, 1, ""),
		"a counter of the scope": strings.NewReplacer(`.timing"`, `.metric"`, `"timing"`, `"counter"`, `"duration_s"`, `"value"`).Replace(one),
	} {
		c := readOnce(t, one+other)
		assert.Equal(t, int64(2), c.Used, name)
		assert.Zero(t, c.Twice, name)
	}
	without := timingLine("a", 1, 1, "")
	assert.Zero(t, readOnce(t, without+without).Twice, "without ids it may be another one")
	attrs := timingLine("a", 1, 1, ids(1)+`,"host":"x"`)
	assert.Equal(t, int64(1), readOnce(t, one+attrs).Twice, "that a shipper adds something does not matter")
}

// Metrics have the ids of their scope: they are the same only where nothing tells them apart,
// and their times could.
func TestOnceMetrics(t *testing.T) {
	line := func(nanos string, v string) string {
		return `{"time":"2026-01-02T03:04:05` + nanos + `Z","level":"INFO","msg":"telemetry.metric","scope":"c","depth":0,"parent_scope":"","metric_type":"counter","value":` + v + fmt.Sprintf(spanIDs, 1) + "}\n"
	}
	assert.Equal(t, int64(1), readOnce(t, line(".000000006", "1")+line(".000000006", "1")).Twice)
	assert.Zero(t, readOnce(t, line(".000000006", "1")+line(".000000007", "1")).Twice)
	assert.Zero(t, readOnce(t, line(".000000006", "1")+line(".000000006", "2")).Twice)
	assert.Zero(t, readOnce(t, line(".000000006", "1.5")+line(".000000006", "2.5")).Twice)
	assert.Zero(t, readOnce(t, line(".000001", "1")+line(".000001", "1")).Twice)
	assert.Zero(t, readOnce(t, line("", "1")+line("", "1")).Twice)
}

// A file given twice is read once.
func TestOnceOfAFile(t *testing.T) {
	var lines []string
	for i := range 2000 {
		lines = append(lines, timingLine("a", i, 0.1*float64(i), fmt.Sprintf(spanIDs, i+1)))
	}
	text := strings.Join(lines, "")
	c := readOnce(t, text+text)
	assert.Equal(t, int64(2000), c.Used)
	assert.Equal(t, int64(2000), c.Twice)
}

// So many events are remembered and no more; those that were forgotten are counted.
func TestOnceIsBounded(t *testing.T) {
	for name, perSecond := range map[string]int{"sparse": 1, "dense": 100, "all at once": 1 << 30} {
		const slots = 8 << 10
		o := newOnce(slots)
		h := func(i int) uint64 { return (uint64(i) + 1) * 0x9e3779b97f4a7c15 }
		forgot, all := int64(0), 20*slots
		for i := range all {
			again, f := o.add(int64(i/perSecond), h(i))
			require.False(t, again)
			forgot += f
			if i >= slots/8 && perSecond <= 100 {
				again, f = o.add(int64((i-slots/8)/perSecond), h(i-slots/8))
				forgot += f
				require.True(t, again, "%s: %d", name, i)
			}
		}
		again, f := o.add(0, h(0))
		forgot += f
		assert.False(t, again, "forgotten")
		n := 0
		for i := range o.shards {
			s := &o.shards[i]
			held := 0
			for _, set := range s.moments {
				held += len(set.slots)
				forgot += int64(set.n)
			}
			assert.Equal(t, held, s.slots)
			assert.Len(t, s.order, len(s.moments))
			n += held
		}
		assert.LessOrEqual(t, n, slots)
		assert.EqualValues(t, all+1, forgot, "the first one came again")
	}
}
