// Fanout sends every event to three places: the console, a file of JSON lines and
// a memory that makes a report at the end. slog-multi's Router tells telemetry
// from the app's own log, which goes to the console alone.
//
//	go run ./examples/fanout [-o telemetry.jsonl]
//
// It looks for primes for a while. It exits with 1 when the file cannot be written
// and with 2 for a wrong flag.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"os"

	slogmulti "github.com/samber/slog-multi"

	"github.com/slogtel/telemetry/reporters/console"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
)

func main() {
	path := flag.String("o", "telemetry.jsonl", "`file` for the JSON lines")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*path, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "fanout:", err)
		os.Exit(1)
	}
}

func run(path string, out io.Writer) (err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o640)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	memory := memory.New(nil)

	isTelemetry := func(_ context.Context, r slog.Record) bool { return slogtel.IsTelemetry(r) }
	router := slogmulti.Router().
		Add(console.New(out, nil)). // everything
		Add(jsonlines.New(file, nil), isTelemetry).
		Add(memory, isTelemetry).
		Handler()

	// One router for both, the app's log and its telemetry. (Where all reporters are
	// to get the same, give them to New one by one: no router is needed.)
	logger := slog.New(router)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, router)

	logger.Info("looking for primes")
	ctx, span := tel.Start(context.Background(), "primes")
	for bits := uint(64); bits <= 1024; bits *= 2 {
		search(ctx, tel, bits)
	}
	span.End()
	logger.Info("done", "file", path)

	fmt.Fprintf(out, "\n%s", memory.Report())
	if n := tel.Stats().Reporters[0].Errors; n > 0 { // the first of them was logged
		return fmt.Errorf("%d events did not get everywhere", n)
	}
	return tel.Shutdown(ctx)
}

// search finds the first prime that has so many bits.
func search(ctx context.Context, tel *slogtel.Telemetry, bits uint) {
	ctx, span := tel.Start(ctx, "search", slog.Uint64("bits", uint64(bits)))
	defer span.End()
	n := new(big.Int).Lsh(big.NewInt(1), bits-1)
	tried := int64(1)
	for n.SetBit(n, 0, 1); !n.ProbablyPrime(20); tried++ {
		n.Add(n, big.NewInt(2))
	}
	tel.Count(ctx, "tried", tried)
}
