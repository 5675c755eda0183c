// Live is a made-up shop that shows what it is doing on a page of its own: open the address that it prints
// in a browser, and see it move. An import runs all the time, orders come in, some are slow, some fail.
//
//	go run ./examples/live [-address 6060]
//
// It exits with 1 when it cannot listen there, and with 2 for a wrong flag.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/signal"
	"sync"
	"time"

	"github.com/slogtel/telemetry/handlers/async"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/reporters/live"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/runtimetel"
)

func main() {
	address := flag.String("address", "6060", "where the page is: a port of this machine")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *address); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, address string) error {
	lines := async.New(jsonlines.New(io.Discard, nil), nil)
	page, err := live.Listen(address, &live.Options{Title: "shop", Stats: map[string]any{"queue of lines": lines}})
	if err != nil {
		return err
	}
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, page, lines)
	defer func() { _ = tel.Shutdown(context.Background()) }()
	fmt.Fprintf(out, "open %s and see it move; Ctrl-C ends it\n", page.URL())

	s := shop{tel: tel, log: slog.New(page), stock: tel.NewGauge("stock", &slogtel.InstrumentOptions{Unit: "{article}"})}
	var all sync.WaitGroup
	all.Go(func() { runtimetel.Run(ctx, tel, nil) })
	all.Go(func() { s.importArticles(ctx) })
	for range 4 {
		all.Go(func() {
			for ctx.Err() == nil {
				s.order(context.WithoutCancel(ctx))
				pause(ctx, 200)
			}
		})
	}
	all.Wait()
	return nil
}

// pause waits for up to so many milliseconds.
func pause(ctx context.Context, most int) {
	select {
	case <-ctx.Done():
	case <-time.After(time.Duration(1+rand.IntN(most)) * time.Millisecond):
	}
}

type shop struct {
	tel   *slogtel.Telemetry
	log   *slog.Logger
	stock *slogtel.Gauge
}

// importArticles is open as long as the program: what it has done so far stands beside it.
func (s *shop) importArticles(ctx context.Context) {
	ctx, span := s.tel.Start(ctx, "import", slog.String("source", "articles.csv"))
	defer span.End()
	for done := 0; ctx.Err() == nil; done++ {
		span.SetAttrs(slog.Int("articles", done))
		_ = s.tel.Time(ctx, "article", func(ctx context.Context) error { pause(ctx, 500); return nil })
		s.stock.Set(ctx, float64(100+done%50))
	}
}

var customers = []string{"ann", "ben", "zoe"}

func (s *shop) order(ctx context.Context) {
	ctx, span := s.tel.Start(ctx, "order", slog.String("customer", customers[rand.IntN(len(customers))]))
	defer span.End()
	var all sync.WaitGroup
	for range 1 + rand.IntN(3) {
		all.Go(func() { s.reserve(ctx) })
	}
	all.Wait()
	span.Fail(s.pay(ctx))
}

func (s *shop) reserve(ctx context.Context) {
	ctx, span := s.tel.Start(ctx, "reserve")
	defer span.End()
	pause(ctx, 20)
	s.tel.Count(ctx, "articles", 1)
}

var errDeclined = errors.New("card declined")

func (s *shop) pay(ctx context.Context) error {
	return s.tel.Time(ctx, "pay", func(ctx context.Context) error {
		pause(ctx, 60)
		if rand.IntN(20) == 0 {
			s.log.WarnContext(ctx, "the bank does not answer, trying again", "try", 2)
			pause(ctx, 1500)
		}
		if rand.IntN(15) == 0 {
			s.log.ErrorContext(ctx, "no money", "card", "4111 1111 1111 1111") // hidden on the page
			return errDeclined
		}
		s.tel.CountFloat(ctx, "revenue_eur", 12.5)
		s.tel.Histogram(ctx, "basket_eur", 5+20*rand.Float64())
		return nil
	})
}
