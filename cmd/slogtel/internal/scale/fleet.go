package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/slogtel"
)

// pattern is of the files, one a process.
const pattern = "process-*.jsonl"

// A fleet is of processes that sum up what happens in them at the edge.
type fleet struct {
	processes, minutes, calls int
	seed                      uint64
}

// A truth is what has happened, all of it.
type truth struct {
	durations map[string][]time.Duration
	payments  int64 // a scope whose durations are as they come
	failed    int64 // of these
	sums      map[string]int64
	events    int64
	raw       float64 // bytes, about, if each event was shipped
}

func newTruth() *truth {
	return &truth{durations: make(map[string][]time.Duration), sums: make(map[string]int64)}
}

// minute sets the time of records to that of the simulation, in which none passes.
type minute struct {
	slog.Handler
	at *time.Time
}

func (m minute) Handle(ctx context.Context, r slog.Record) error {
	r.Time = *m.at
	return m.Handler.Handle(ctx, r)
}

// ship lets the processes run, one after the other, and write their lines to a file of dir each.
func (f fleet) ship(ctx context.Context, dir string) (*truth, error) {
	exact := newTruth()
	random := rand.New(rand.NewPCG(f.seed, 0))
	end := time.Now().Truncate(time.Minute)
	for n := range f.processes {
		if err := f.process(ctx, filepath.Join(dir, fmt.Sprintf("process-%05d.jsonl", n)), n, random, end, exact); err != nil {
			return nil, err
		}
	}
	// What one event is as a line, of a process that ships them all.
	var line counting
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, jsonlines.New(&line, &jsonlines.Options{Service: "shop"}))
	f.serve(ctx, tel, random, 1, &truth{durations: map[string][]time.Duration{}, sums: map[string]int64{}})
	exact.raw = float64(line.n) / eventsOfRequest * float64(exact.events)
	return exact, tel.Shutdown(ctx)
}

func (f fleet) process(ctx context.Context, name string, n int, random *rand.Rand, end time.Time, exact *truth) (err error) {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	now := end
	lines := jsonlines.New(file, &jsonlines.Options{Service: "shop"})
	host := lines.WithAttrs([]slog.Attr{slog.String("host", fmt.Sprintf("h%05d", n))})
	agg := aggregate.New(minute{host, &now}, &aggregate.Options{Interval: time.Hour, Sketch: true, MaxPassed: 1})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, agg)
	speed := math.Exp(0.3 * random.NormFloat64()) // no two machines are alike,
	if random.IntN(50) == 0 {
		speed *= 10 // and some are ill
	}
	for m := range f.minutes {
		now = end.Add(time.Duration(m-f.minutes+1) * time.Minute)
		for range f.calls {
			f.serve(ctx, tel, random, speed, exact)
		}
		if err := agg.Flush(ctx); err != nil {
			return err
		}
	}
	return tel.Shutdown(ctx)
}

var errDeclined = errors.New("declined")

// eventsOfRequest is how many events each request makes.
const eventsOfRequest = 4

// serve is one request.
func (f fleet) serve(ctx context.Context, tel *slogtel.Telemetry, random *rand.Rand, speed float64, exact *truth) {
	around := func(median time.Duration, spread float64) time.Duration {
		return time.Duration(float64(median) * speed * math.Exp(spread*random.NormFloat64()))
	}
	timing := func(name string, d time.Duration) {
		tel.Timing(ctx, name, d)
		exact.durations[name] = append(exact.durations[name], d)
	}
	cache := around(80*time.Microsecond, 0.4)
	db := around(4*time.Millisecond, 0.8)
	if random.IntN(20) == 0 {
		db *= 12 // without an index
	}
	timing("request.cache", cache)
	timing("request.db", db)
	d := cache + db + around(2*time.Millisecond, 0.5)
	if random.IntN(200) == 0 {
		timing("request.slow", d+2*time.Second)
		exact.events++
	}
	timing("request", d)
	if random.IntN(10) == 0 {
		_, payment := tel.Start(ctx, "payment")
		if random.IntN(50) == 0 {
			payment.Fail(errDeclined)
			exact.failed++
		}
		payment.End()
		exact.payments++
		exact.events++
	}
	items := int64(random.IntN(9))
	tel.Count(ctx, "items", items)
	exact.sums["items"] += items
	exact.events += eventsOfRequest
}
