package console_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/console"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// treeSetUp returns a Telemetry and a logger that write trees.
func treeSetUp(ids bool) (*slogtel.Telemetry, *slog.Logger, *slogteltest.Buffer) {
	var out slogteltest.Buffer
	h := console.New(&out, &console.Options{Tree: true, NoTime: true})
	return slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: ids}, h), slog.New(h), &out
}

func TestTree(t *testing.T) {
	for _, ids := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			tel, log, out := treeSetUp(ids)
			ctx, root := tel.Start(context.Background(), "order", slog.String("customer", "ann"))
			in, reserve := tel.Start(ctx, "reserve")
			time.Sleep(200 * time.Millisecond)
			tel.Count(in, "articles", 3)
			pay, span := tel.Start(ctx, "pay")
			log.WarnContext(pay, "no card", "tries", 2)
			time.Sleep(300 * time.Millisecond)
			reserve.End()
			require.NoError(t, tel.Time(pay, "call", func(context.Context) error { time.Sleep(400 * time.Millisecond); return nil }))
			span.Fail(errors.New("declined"))
			span.End()
			assert.Empty(t, out.String(), "nothing before the root has ended")
			root.End()
			assert.Equal(t, `INF order 900ms customer=ann
INF ▒▒▒▒▒▒···· ├─ reserve 500ms 56%
INF ··|······· │  └─ articles +3 at 200ms
ERR ··████████ └─ pay 700ms 78% error=declined
WRN ··|·······    ├─ no card at 200ms tries=2
INF ·····█████    └─ call 400ms 44%
`, out.String())
		})
	}
}

// Roots that run at the same time do not mix, each has all of its own, and with ids each
// thing stands under the scope that it happened in.
func TestTreesOfManyRoots(t *testing.T) {
	tel, log, out := treeSetUp(true)
	log = log.With("service", "shop")
	var all sync.WaitGroup
	for n := range 40 {
		all.Go(func() {
			ctx, root := tel.Start(context.Background(), "request", slog.Int("n", n))
			var kids sync.WaitGroup
			for k := range 5 {
				kids.Go(func() {
					in, span := tel.Start(ctx, "kid", slog.Int("k", k))
					log.InfoContext(in, "in kid", "n", n, "k", k)
					span.End()
				})
			}
			kids.Wait()
			root.End()
		})
	}
	all.Wait()
	require.NoError(t, tel.Shutdown(context.Background()))
	trees := regexp.MustCompile(`(?m)^INF request .* n=(\d+)\n((?:INF [^r].*\n){10})`).FindAllStringSubmatch(out.String(), -1)
	require.Len(t, trees, 40)
	for _, tree := range trees {
		kids := regexp.MustCompile(`kid \S+ \d+% k=(\d)\n.*in kid at \S+ service=shop n=(\d+) k=(\d)\n`).FindAllStringSubmatch(tree[2], -1)
		require.Len(t, kids, 5, tree[0])
		for _, kid := range kids {
			assert.Equal(t, []string{tree[1], kid[1]}, kid[2:])
		}
	}
}

// What has no place in a tree is written at once, and nothing is lost.
func TestTreeWritesTheRest(t *testing.T) {
	tel, log, out := treeSetUp(false)
	log.Info("outside")
	tel.Count(context.Background(), "n", 1)
	ctx, root := tel.Start(context.Background(), "request")
	_, late := tel.Start(ctx, "late")
	root.End()
	late.End()
	assert.Regexp(t, `^INF outside\nINF n \+1\nINF request \S+\nINF   late \S+\n$`, out.String())

	out.Reset()
	ctx, root = tel.Start(context.Background(), "full")
	for range 10_100 {
		tel.Count(ctx, "n", 1)
	}
	assert.Equal(t, 100, strings.Count(out.String(), "n +1"), "more than are kept")
	root.End()
	assert.Equal(t, 10_100, strings.Count(out.String(), "n +1"))

	out.Reset()
	for i := range 1100 {
		ctx, _ := tel.Start(context.Background(), fmt.Sprintf("open%d", i))
		tel.Count(ctx, "n", 1)
	}
	ctx, _ = tel.Start(context.Background(), "last")
	in, span := tel.Start(ctx, "inside")
	tel.Count(in, "m", 1)
	span.End()
	assert.NotZero(t, strings.Count(out.String(), "has not ended"))
	require.NoError(t, tel.Shutdown(context.Background()))
	assert.Equal(t, 1101, strings.Count(out.String(), "WRN "))
	assert.Equal(t, 1100, strings.Count(out.String(), "n +1"))
	assert.Regexp(t, `WRN last has not ended\nINF \S+ └─ inside \S+ 100%\nINF \S+    └─ m \+1 at \S+\n`, out.String())
}

func TestTreeIsClean(t *testing.T) {
	tel, log, out := treeSetUp(false)
	ctx, root := tel.Start(context.Background(), "a")
	log.InfoContext(ctx, "x\x00\x1b[31m\ny", "k", "v\x00\x1b")
	root.Fail(errors.New("\x1b[2J"))
	root.End()
	assert.NotContains(t, out.String(), "\x1b")
	assert.NotContains(t, out.String(), "\x00")
	assert.Equal(t, 2, strings.Count(out.String(), "\n"))
}

type broken struct{}

var errBroken = errors.New("broken")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestTreeReturnsErrors(t *testing.T) {
	h := console.New(broken{}, &console.Options{Tree: true})
	var got []error
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: func(_ context.Context, err error) { got = append(got, err) }}, h)
	ctx, root := tel.Start(context.Background(), "a")
	tel.Count(ctx, "n", 1)
	assert.Empty(t, got)
	root.End()
	require.Len(t, got, 1)
	assert.ErrorIs(t, got[0], errBroken)
	tel.Start(context.Background(), "b")
	assert.ErrorIs(t, tel.Shutdown(context.Background()), errBroken)
}

func TestTreeContract(t *testing.T) {
	var out slogteltest.Buffer
	slogteltest.TestHandler(t, func(*testing.T) slog.Handler {
		out.Reset()
		return console.New(&out, &console.Options{Tree: true})
	}, &slogteltest.Options{Output: out.String})
}
