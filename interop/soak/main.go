// Soak loads examples/httpserver for minutes and says what telemetry costs it, whether
// its memory stays flat, and whether every event arrived or was counted as lost.
//
//	make soak                                     # five minutes, from the repository
//	cd interop && go run ./soak -duration 1m      # shorter
//
// It needs wrk (Debian package wrk) and Linux. The servers run all the time, and get the
// load in turns of a second, so that what else happens on the machine hits all of them
// alike. There are three processes of each kind, since two processes of one program can
// differ by some percent all their lives:
//
//   - bare: the service without the library
//   - off: the library is there, and the Telemetry is off
//   - on: JSON file through aggregate.Handler, and StatsD over UDP to a socket of this program,
//     in packets of 8192 bytes, as suits a daemon on the same machine
//
// A request does 50 µs of computing, measured at the start. Each turn gives a ratio to
// the mean of those of bare in the same round; what is printed is the median of them:
// requests a second, and the processor time a request takes in the server, which depends
// much less on what else the machine does. Soak exits with 1 when events are missing or
// memory grew, whatever the throughput.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	duration := flag.Duration("duration", 5*time.Minute, "how long to load the servers, in all")
	turn := flag.Duration("turn", time.Second, "how long each gets the load")
	processes := flag.Int("processes", 3, "of each kind of server")
	connections := flag.Int("connections", 8, "of wrk")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	whole := max(time.Second, turn.Truncate(time.Second)) // as wrk has it
	err := soak(ctx, *duration, whole, max(1, *processes), *connections)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func soak(ctx context.Context, duration, turn time.Duration, processes, connections int) (err error) {
	dir, err := os.MkdirTemp("", "slogtel-soak-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	udp, err := listen()
	if err != nil {
		return err
	}
	program, err := build(ctx, dir)
	if err != nil {
		return err
	}
	fleet, err := startFleet(program, filepath.Join(dir, "telemetry"), udp.address(), processes)
	if err != nil {
		return err
	}
	defer func() { fleet.stop() }()

	rounds := max(1, int(duration/(turn*time.Duration(len(fleet)))))
	fmt.Printf("%d rounds of %v for each of %d servers, wrk with %d connections\n\n", rounds, turn, len(fleet), connections)
	for round := range rounds {
		for i := range fleet {
			s := fleet[(i+round)%len(fleet)] // none is always the one after the slowest
			before := s.cpuTime()
			n, err := load(ctx, s.url+"/work", turn, connections)
			if err != nil {
				return fmt.Errorf("round %d, %s: %w", round+1, s.name, err)
			}
			s.requests = append(s.requests, n)
			s.cpu = append(s.cpu, s.cpuTime()-before)
			s.rss = append(s.rss, s.memory())
		}
	}
	if err := fleet.stop(); err != nil {
		return err
	}
	fleet.report(turn)
	return errors.Join(fleet.flat(), fleet.conserved(udp))
}
