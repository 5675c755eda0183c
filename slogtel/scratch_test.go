package slogtel_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/handlers"
	"github.com/slogtel/telemetry/handlers/async"
	"github.com/slogtel/telemetry/handlers/slogjson"
	"github.com/slogtel/telemetry/internal/slogattrs"
	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/console"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/reporters/statsd"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

type (
	says       struct{ slog.Handler }
	embedding  struct{ *memory.Handler }
	byValue    struct{ discard }
	ofPanic    struct{ slog.Handler }
	middleware struct{ slog.Handler }
)

func (says) RetainsRecords() bool         { return true }
func (ofPanic) RetainsRecords() bool      { panic("no") }
func (m middleware) RetainsRecords() bool { return slogtel.RetainsRecords(m.Handler) }

// retainsWith is a handler whose WithAttrs returns one that retains records.
type retainsWith struct{ slog.Handler }

func (retainsWith) RetainsRecords() bool               { return false }
func (retainsWith) WithAttrs([]slog.Attr) slog.Handler { return says{} }

func TestRetainsRecords(t *testing.T) {
	udp, err := statsd.New("127.0.0.1:8125", nil)
	assert.NoError(t, err)
	defer udp.Shutdown(context.Background())
	file, err := jsonlines.Open(t.TempDir()+"/f", nil)
	assert.NoError(t, err)
	defer file.Shutdown(context.Background())
	ctx := context.Background()
	done := aggregate.New(file, nil)
	defer done.Shutdown(ctx)
	keeping := aggregate.New(slogteltest.NewRecorder(t), nil)
	defer keeping.Shutdown(ctx)
	toDerived := aggregate.New(retainsWith{}, nil)
	defer toDerived.Shutdown(ctx)
	for i, tc := range []struct {
		h    slog.Handler
		want bool
	}{
		{discard{}, false},
		{slog.NewJSONHandler(io.Discard, nil), false},
		{slog.NewTextHandler(io.Discard, nil), false},
		{slog.DiscardHandler, false},
		{slogjson.New(io.Discard, nil), false},
		{jsonlines.New(io.Discard, nil), false},
		{jsonlines.New(io.Discard, &jsonlines.Options{Schema: jsonlines.ECS}), false},
		{console.New(io.Discard, nil), false},
		{memory.New(nil), false},
		{memory.New(nil).WithAttrs([]slog.Attr{slog.Int("a", 1)}).WithGroup("g"), false},
		{slogtel.NewHandler(nil), false},
		{file, false},
		{udp, false},
		{done, false},
		{middleware{discard{}}, false},
		{middleware{slogteltest.NewRecorder(t)}, true},
		{keeping, true},
		{toDerived, false},
		{toDerived.WithAttrs([]slog.Attr{slog.Int("a", 1)}), true},
		{nil, true},
		{slogteltest.NewRecorder(t), true},
		{capture{}, true},
		{says{}, true},
		{ofPanic{}, true},
		{embedding{memory.New(nil)}, true},
		{&embedding{}, true},
		{byValue{}, true},
		{(*aggregate.Handler)(nil), true},
		{async.New(discard{}, nil), true},
		{handlers.Filter(func(context.Context, slog.Record) bool { return true })(discard{}), false},
	} {
		assert.Equal(t, tc.want, slogtel.RetainsRecords(tc.h), "%d %T", i, tc.h)
	}
}

// A borrower says that it retains no records.
type borrower func(ctx context.Context, r slog.Record)

func (borrower) Enabled(context.Context, slog.Level) bool { return true }
func (b borrower) Handle(ctx context.Context, r slog.Record) error {
	b(ctx, r)
	return nil
}
func (b borrower) WithAttrs([]slog.Attr) slog.Handler { return b }
func (b borrower) WithGroup(string) slog.Handler      { return b }
func (borrower) RetainsRecords() bool                 { return false }

func texts(r slog.Record) (list []string) {
	r.Attrs(func(a slog.Attr) bool { list = append(list, a.String()); return true })
	return list
}

// From many goroutines, and from within Handle: each record has its own attributes for
// as long as it is handled, and nothing of them stays.
func TestRecordsAreLent(t *testing.T) {
	if !slogattrs.Known() {
		t.Skip("nothing is lent with the tag slogtel_safe")
	}
	var (
		tel   *slogtel.Telemetry
		mu    sync.Mutex
		later []slog.Record
	)
	check := borrower(func(ctx context.Context, r slog.Record) {
		if r.Message != slogtel.MessageTiming {
			return
		}
		before := texts(r)
		tel.Count(ctx, "inside", 1, many("inside", 12)...)
		assert.Equal(t, before, texts(r))
		assert.Contains(t, before[len(before)-1], "end")
		mu.Lock()
		later = append(later, r)
		mu.Unlock()
	})
	tel = slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, check, discard{})
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 100 {
				_, span := tel.Start(context.Background(), fmt.Sprintf("g%d", g), many("start", i%30)...)
				span.End(many("end", 1+i%7)...)
			}
		})
	}
	wg.Wait()
	assert.Len(t, later, 400)
	if !slogattrs.Known() {
		return // records are not lent where the layout of slog's is not known
	}
	for _, r := range later {
		n := r.NumAttrs()
		if n > 24 { // more than there is to lend
			continue
		}
		const ours = 10 // of a timing
		nothing := slices.Repeat([]string{slog.Attr{}.String()}, n-ours)
		assert.Equal(t, nothing, texts(r)[ours:], "what was lent is taken back, and keeps nothing of the caller's alive")
	}
}

func many(prefix string, n int) (attrs []slog.Attr) {
	for i := range n {
		attrs = append(attrs, slog.Int(prefix+strconv.Itoa(i), i))
	}
	return attrs
}
