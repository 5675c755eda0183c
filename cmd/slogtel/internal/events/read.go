package events

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/remote"
)

// Read reads all inputs with several workers, each of which hands events to a Sink of
// its own, made by newSink, in no particular order.
//
// The error is that of an input that could not be read, or of ctx. Either way the Sinks
// have had the events that the Counts count.
func Read(ctx context.Context, opts Options, newSink func() Sink) (Counts, error) {
	o, err := opts.withDefaults()
	if err != nil {
		return Counts{}, err
	}
	return read(ctx, &o, o.Workers, newSink)
}

// ReadInOrder is Read with one Sink, which gets the events in the order of the inputs and
// their lines.
func ReadInOrder(ctx context.Context, opts Options, sink Sink) (Counts, error) {
	o, err := opts.withDefaults()
	if err != nil {
		return Counts{}, err
	}
	return read(ctx, &o, 1, func() Sink { return sink })
}

func read(ctx context.Context, o *Options, workers int, newSink func() Sink) (Counts, error) {
	names, total, err := expand(o.Inputs)
	if err != nil {
		return Counts{}, err
	}
	onBad := o.OnBad
	var bad sync.Mutex
	o.OnBad = func(p Position, err error) {
		bad.Lock()
		defer bad.Unlock()
		onBad(p, err)
	}
	p := &producer{opts: o, total: total, chunks: make(chan *chunk, 1), free: make(chan *chunk, workers+2)}
	go p.run(ctx, names)

	var seen *once
	if o.Once {
		seen = newOnce(onceSlots)
	}
	var wg sync.WaitGroup
	counts := make([]Counts, workers)
	turns := newTurns()
	for i := range workers {
		w := newWorker(o, newSink(), seen)
		w.turns = turns
		wg.Go(func() {
			w.run(ctx, p.chunks, p.free)
			counts[i] = w.counts
		})
	}
	wg.Wait()
	var sum Counts
	for _, c := range counts {
		sum.Add(c)
	}
	if err := ctx.Err(); err != nil {
		p.progress(true) // the producer may still wait for a pipe
		return sum, err
	}
	p.progress(true)
	return sum, errors.Join(p.errs...)
}

// A producer reads the inputs and cuts them into chunks. It is the one that waits for a
// disk or a pipe, and may outlive a Read that was cancelled.
type producer struct {
	opts   *Options
	total  int64
	chunks chan *chunk
	free   chan *chunk
	next   int // the number of the next chunk
	done   atomic.Int64
	errs   []error // to be read when chunks is closed

	mu    sync.Mutex // guards Progress
	ended bool
}

func (p *producer) run(ctx context.Context, names []string) {
	defer close(p.chunks)
	for _, name := range names {
		src, err := open(ctx, p.opts, name, &p.done)
		if err != nil {
			p.errs = append(p.errs, err)
			continue
		}
		s := splitter{r: src, name: p.name(name), looks: src.looks, maxLine: p.opts.MaxLine, line: 1, prompt: src.plain}
		err = p.split(ctx, &s)
		src.Close()
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			p.errs = append(p.errs, fmt.Errorf("%s: %w", p.name(name), err))
		}
	}
}

func (p *producer) name(input string) string {
	if input == stdinName {
		return p.opts.StdinName
	}
	return remote.Name(input)
}

func (p *producer) split(ctx context.Context, s *splitter) error {
	for {
		var c *chunk
		select {
		case c = <-p.free:
		default:
			c = new(chunk)
		}
		more, err := s.next(c)
		if len(c.data) > 0 || c.tooLong {
			c.number = p.next
			p.next++
			select {
			case p.chunks <- c:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		p.progress(false)
		if err != nil || !more {
			return err
		}
	}
}

func (p *producer) progress(end bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended {
		p.ended = end
		p.opts.Progress(Progress{Done: p.done.Load(), Total: p.total, End: end})
	}
}
