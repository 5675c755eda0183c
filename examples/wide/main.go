// Wide writes one record for each request, with all that happened inside: the queries, what
// they found, the first error, and what code far down the stack knew of the customer. It is
// the canonical log line, and nobody had to carry a struct around for it.
//
//	go run ./examples/wide [-json]
package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/slogtel/telemetry/reporters/console"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/reporters/wide"
	"github.com/slogtel/telemetry/slogtel"
)

func main() {
	lines := flag.Bool("json", false, "write JSON lines in place of a console's")
	flag.Parse()
	run(os.Stdout, *lines)
}

func run(out io.Writer, lines bool) {
	var next slog.Handler = console.New(out, &console.Options{NoTime: true})
	if lines {
		next = jsonlines.New(out, nil)
	}
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, wide.New(next, nil))
	defer func() { _ = tel.Shutdown(context.Background()) }()
	shop := shop{tel}
	for _, customer := range []string{"ann", "ben", "zoe"} {
		shop.order(context.Background(), customer)
	}
}

type shop struct{ tel *slogtel.Telemetry }

// order is a request: the outermost scope, for which there is one record.
func (s shop) order(ctx context.Context, customer string) {
	ctx, span := s.tel.Start(ctx, "order", slog.String("customer", customer))
	defer span.End()
	var all sync.WaitGroup
	for _, article := range []string{"pen", "ink", "pad"} {
		all.Go(func() { s.reserve(ctx, article) })
	}
	all.Wait()
	span.Fail(s.pay(ctx, customer))
}

func (s shop) reserve(ctx context.Context, article string) {
	ctx, span := s.tel.Start(ctx, "reserve")
	defer span.End()
	time.Sleep(time.Duration(len(article)) * time.Millisecond)
	s.tel.Count(ctx, "articles", 1)
}

var errDeclined = errors.New("card declined")

func (s shop) pay(ctx context.Context, customer string) error {
	return s.tel.Time(ctx, "pay", func(ctx context.Context) error {
		plan := map[string]string{"ann": "gold", "ben": "free", "zoe": "free"}[customer]
		slogtel.Root(ctx).SetAttrs(slog.String("plan", plan)) // known here, wanted on the request
		time.Sleep(2 * time.Millisecond)
		if customer == "zoe" {
			return errDeclined
		}
		s.tel.CountFloat(ctx, "revenue_eur", 12.5)
		return nil
	})
}
