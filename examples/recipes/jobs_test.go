package recipes

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// A message is one of any queue whose messages have headers.
type message struct {
	headers map[string]string
	image   string
}

func (m message) header(key string) string { return m.headers[key] }

func resize(context.Context, string) error { return nil }

// A queue: the sender's trace goes on in the worker.
func Example_queue() {
	rec := slogteltest.NewRecorder(nil)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, rec)
	queue := make(chan message, 3)
	send := func(ctx context.Context, image string) {
		m := message{map[string]string{}, image}
		slogtel.Inject(ctx, func(key, value string) { m.headers[key] = value })
		queue <- m
	}
	ctx, span := tel.Start(context.Background(), "upload")
	for _, image := range []string{"a.png", "b.png", "c.png"} {
		send(ctx, image)
	}
	span.End()
	close(queue)

	ctx = context.Background() // in another process
	first := <-queue
	for m := range queue { // the worker
		ctx := slogtel.Extract(ctx, m.header) // a child of the scope that sent it
		_ = tel.Time(ctx, "job.resize", func(ctx context.Context) error { return resize(ctx, m.image) })
	}
	batch := []message{first}
	work(ctx, tel, batch)

	upload, jobs, worked := rec.Timings("upload")[0], rec.Timings("job.resize"), rec.Timings("job.batch")[0]
	for _, job := range jobs {
		fmt.Println(job.Scope, job.TraceID == upload.TraceID, job.ParentSpanID == upload.SpanID)
	}
	fmt.Println(worked.Scope, worked.TraceID == upload.TraceID, worked.Attrs[0].Value.String() == upload.TraceID+"-"+upload.SpanID)
	// Output:
	// job.resize true true
	// job.resize true true
	// job.batch false true
}

// work works on several messages at once.
func work(ctx context.Context, tel *slogtel.Telemetry, batch []message) {
	var from []context.Context
	for _, m := range batch {
		from = append(from, slogtel.Extract(ctx, m.header))
	}
	_, span := tel.Start(ctx, "job.batch", slogtel.Links(from...)) // a trace of its own
	defer span.End()
}

// A job that runs by the clock.
func Example_cron() {
	rec := slogteltest.NewRecorder(nil)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, rec)
	ctx, stop := context.WithCancel(context.Background())
	every(ctx, tel, time.Millisecond, func(ctx context.Context) error {
		if tel.Count(ctx, "removed", 3); rec.Sum("cron.clean_up.removed") == 6 {
			stop()
		}
		return nil
	})
	runs := rec.Timings("cron.clean_up")
	fmt.Println(len(runs), runs[0].TraceID != runs[1].TraceID)
	// Output: 2 true
}

// every runs a job at an interval, until ctx is done. That is the context of main, in no scope.
func every(ctx context.Context, tel *slogtel.Telemetry, interval time.Duration, cleanUp func(context.Context) error) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-tick.C:
			_ = tel.Time(ctx, "cron.clean_up", cleanUp) // each run is a trace of its own
		}
	}
}

// Goroutines that work on parts, as with golang.org/x/sync/errgroup.
func Example_goroutines() {
	rec := slogteltest.NewRecorder(nil)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, rec)
	ctx, span := tel.Start(context.Background(), "refresh")
	fmt.Println(refresh(ctx, new(group), tel, []string{"a", "b", "c"}))
	span.End()
	for _, s := range rec.Scopes() {
		fmt.Println(s, len(rec.Timings(s)))
	}
	// Output:
	// c is gone
	// refresh 1
	// refresh.fetch 3
}

func fetch(_ context.Context, feed string) error {
	if feed == "c" {
		return errors.New("c is gone")
	}
	return nil
}

// refresh takes a *errgroup.Group, which go.mod does not have.
func refresh(ctx context.Context, group interface {
	Go(func() error)
	Wait() error
}, tel *slogtel.Telemetry, feeds []string) error {
	for _, feed := range feeds { // group, ctx := errgroup.WithContext(ctx)
		group.Go(func() error {
			return tel.Time(ctx, "fetch", func(ctx context.Context) error { return fetch(ctx, feed) }, slog.String("feed", feed))
		})
	}
	return group.Wait()
}

// group does what an errgroup.Group without a context does.
type group struct {
	wg   sync.WaitGroup
	once sync.Once
	err  error
}

func (g *group) Go(f func() error) {
	g.wg.Go(func() {
		if err := f(); err != nil {
			g.once.Do(func() { g.err = err })
		}
	})
}

func (g *group) Wait() error {
	g.wg.Wait()
	return g.err
}
