// Gen writes telemetry of a made-up program, through the library itself, until a file
// has a given size: something for "slogtel report" to be measured with.
//
//	go run ./cmd/slogtel/internal/gen -size 1e9 -o telemetry.jsonl
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"time"

	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/slogtel"
)

func main() {
	size := flag.Float64("size", 1e9, "bytes to write")
	ecs := flag.Bool("ecs", false, "write the Elastic Common Schema")
	seed := flag.Uint64("seed", 1, "of the random numbers")
	out := flag.String("o", "telemetry.jsonl", "`file` to write")
	flag.Parse()
	if err := write(*out, int64(*size), *ecs, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func write(name string, size int64, ecs bool, seed uint64) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	opts := jsonlines.Options{Service: "gen"}
	if ecs {
		opts.Schema = jsonlines.ECS
	}
	h := jsonlines.New(w, &opts)
	p := program{
		tel:  slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, h),
		log:  slog.New(h),
		rand: rand.New(rand.NewPCG(seed, 0)),
	}
	for {
		info, err := f.Stat()
		if err != nil || info.Size()+int64(w.Buffered()) >= size {
			return errors.Join(err, w.Flush(), f.Close())
		}
		p.run()
	}
}

// program is what the telemetry is of: a pipeline that sends files in batches to a model.
type program struct {
	tel  *slogtel.Telemetry
	log  *slog.Logger
	rand *rand.Rand
}

var (
	models    = []string{"gemini-2.5-flash", "gemini-2.5-pro", "gemini-2.5-flash-lite"}
	errStatus = errors.New(`provider: "status 503"`)
)

// around returns a duration from a log-normal distribution with this median.
func (p *program) around(median time.Duration) time.Duration {
	return time.Duration(float64(median) * math.Exp(0.6*p.rand.NormFloat64()))
}

func (p *program) run() {
	ctx, span := p.tel.Start(context.Background(), "pipeline")
	p.tel.Timing(ctx, "read", p.around(400*time.Microsecond), slog.Int("files", 1+p.rand.IntN(9)))
	p.tel.Timing(ctx, "plan", p.around(80*time.Microsecond))
	for i := range 1 + p.rand.IntN(6) {
		p.batch(ctx, i)
	}
	p.tel.Gauge(ctx, "budget", p.rand.Float64())
	if p.rand.IntN(4) == 0 {
		p.log.InfoContext(ctx, "pipeline done", "scope", "pipeline", "left", p.rand.IntN(100))
	}
	span.End()
}

func (p *program) batch(ctx context.Context, i int) {
	model := slog.String("model", models[p.rand.IntN(len(models))])
	ctx, span := p.tel.Start(ctx, "batch", slog.Int("batch", i), model)
	defer span.End()
	for attempt := 1; ; attempt++ {
		callCtx, call := p.tel.Start(ctx, "call", slog.Int("attempt", attempt), model)
		p.tel.Timing(callCtx, "wait", p.around(20*time.Millisecond))
		p.tel.Timing(callCtx, "decode", p.around(150*time.Microsecond), slog.String("kind", "json"))
		p.tel.Histogram(callCtx, "bytes", float64(p.rand.IntN(1<<16)))
		failed := p.rand.IntN(20) == 0
		if failed {
			call.Fail(errStatus)
		}
		call.End()
		if !failed {
			break
		}
		p.log.WarnContext(ctx, "trying again", "attempt", attempt)
	}
	p.tel.Count(ctx, "tokens", int64(p.rand.IntN(5000)), model)
}
