package live

import (
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/event"
)

// What is in a journal is what was put into it.
func TestJournal(t *testing.T) {
	zone := time.FixedZone("", -5*3600-30*60)
	attrs := []slog.Attr{
		slog.String("", ""), slog.String("text", strings.Repeat("é", 100)), slog.Int64("int", math.MinInt64), slog.Uint64("uint", math.MaxUint64),
		slog.Float64("float", -0.25), slog.Bool("yes", true), slog.Bool("no", false), slog.Duration("d", -time.Second),
		slog.Time("time", time.Date(2026, 1, 2, 3, 4, 5, 6, zone)), slog.Time("utc", time.Unix(1, 2).UTC()),
		slog.Group("group", slog.Int("n", 1), slog.Group("empty"), slog.Group("in", slog.String("a", "b"))),
	}
	r := slog.NewRecord(time.Time{}, slog.LevelWarn-1, "message", 0)
	log := &incoming{record: &r, at: -5, bound: new(event.Bound), front: attrs[:3], back: attrs[3:]}
	timing := &incoming{record: &r, at: 7, bound: new(event.Bound), back: append([]slog.Attr{slog.String(event.KeyParentSpanID, "p")}, attrs...), event: &event.Sample{
		Type: event.TypeTiming, Scope: "a.b", Parent: "a", Duration: -3, SpanID: "s", Error: "no",
	}}
	metric := &incoming{record: &r, at: 8, bound: new(event.Bound), event: &event.Sample{
		Type: event.TypeCounter, Scope: "a.n", Parent: "elsewhere", Value: slog.Int64Value(-2), Unit: "By",
	}}
	var j journal
	j = j.append(log, place{in: 1 << 63})
	j = j.append(timing, place{is: 3})
	j = j.append(metric, place{in: 4})
	list := j.items()
	require.Len(t, list, 3)
	assertAttrs(t, attrs, list[0].attrs)
	assertAttrs(t, attrs, list[1].attrs)
	list[0].attrs, list[1].attrs = nil, nil
	assert.Equal(t, item{what: aLog, place: place{in: 1 << 63}, at: -5, name: "message", level: slog.LevelWarn - 1}, list[0])
	assert.Equal(t, item{what: aScope, place: place{is: 3}, at: 7, name: "a.b", parent: "a", duration: -3, spanID: "s", failure: "no", parentID: "p"}, list[1])
	assert.Equal(t, item{what: aCounter, place: place{in: 4}, at: 8, name: "a.n", unit: "By", value: slog.Int64Value(-2)}, list[2])
}

func assertAttrs(t *testing.T, want, got []slog.Attr) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		assert.True(t, want[i].Equal(got[i]) || want[i].Value.Kind() == slog.KindGroup, "%v %v", want[i], got[i])
		assert.Equal(t, attrsOf(want[i:i+1]), attrsOf(got[i:i+1]))
	}
}

// An item is bounded, however deep the groups in it are and whatever is in them.
func TestJournalIsBounded(t *testing.T) {
	group := slog.StringValue(strings.Repeat("x", 10*maxText))
	for range maxDepth {
		var members []slog.Attr
		for range 2 * maxAttrs {
			members = append(members, slog.Attr{Key: strings.Repeat("k", 2*maxText), Value: group})
		}
		group = slog.GroupValue(members...)
	}
	r := slog.NewRecord(time.Time{}, slog.LevelInfo, strings.Repeat("m", 10*maxText), 0)
	in := &incoming{record: &r, bound: new(event.Bound), back: []slog.Attr{{Key: "a", Value: group}, slog.Int("n", 1)}}
	j := journal(nil).append(in, place{})
	assert.Less(t, len(j), maxItem+8*maxText)
	assert.Len(t, j.items(), 1)
}
