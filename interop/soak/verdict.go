package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// report prints what each server got through and what a request cost it, with the
// median of the ratios to bare.
func (f fleet) report(turn time.Duration) {
	fmt.Printf("\n%-10s %12s %8s %18s %14s %8s %18s %22s\n", "server", "requests/s", "of bare", "quartiles",
		"CPU µs/request", "of bare", "quartiles", "memory MiB, least-most")
	for _, s := range f {
		rates, cost := make([]float64, len(s.requests)), make([]float64, len(s.requests))
		rateRatios, costRatios := make([]float64, len(s.requests)), make([]float64, len(s.requests))
		for i := range s.requests {
			rates[i] = float64(s.requests[i]) / turn.Seconds()
			rateRatios[i] = float64(s.requests[i]) / float64(f[0].requests[i])
			cost[i] = s.cost(i)
			costRatios[i] = s.cost(i) / f[0].cost(i)
		}
		for _, list := range [][]float64{rates, cost, rateRatios, costRatios} {
			slices.Sort(list)
		}
		fmt.Printf("%-10s %12.0f %s %14.1f %s %12d - %d\n", s.name, at(rates, 0.5), shares(rateRatios),
			at(cost, 0.5), shares(costRatios), slices.Min(s.rss)>>10, slices.Max(s.rss)>>10)
	}
	fmt.Println()
}

// cost is the processor time of a request in microseconds, in the given turn.
func (s *server) cost(turn int) float64 {
	return float64(s.cpu[turn].Nanoseconds()) / 1e3 / float64(max(1, s.requests[turn]))
}

// shares is the median and the quartiles of sorted, in percent.
func shares(sorted []float64) string {
	return fmt.Sprintf("%7.1f%% %8.1f%% - %6.1f%%", 100*at(sorted, 0.5), 100*at(sorted, 0.25), 100*at(sorted, 0.75))
}

func at(sorted []float64, q float64) float64 { return sorted[int(q*float64(len(sorted)-1)+0.5)] }

// flat compares the memory of the last third of the rounds with that of the second.
func (f fleet) flat() error {
	for _, s := range f {
		third := len(s.rss) / 3
		if third == 0 {
			continue
		}
		before, after := slices.Max(s.rss[third:2*third]), slices.Max(s.rss[2*third:])
		fmt.Printf("%s: at most %d KiB in the second third of the time, %d in the last\n", s.name, before, after)
		if after > before+before/5+4096 {
			return fmt.Errorf("%s: memory grew from %d to %d KiB", s.name, before, after)
		}
	}
	return nil
}

// conserved compares what the server with telemetry answered with what arrived in its
// file and at its StatsD address.
func (f fleet) conserved(lines string, udp *sink) error {
	var answered int64
	var on *server
	for _, s := range f {
		if s.name == "on" {
			on = s
		}
	}
	for _, n := range on.requests {
		answered += n
	}
	summed, err := summarized(lines)
	if err != nil {
		return err
	}
	dropped, err := on.count("dropped")
	if err != nil {
		return err
	}
	received := udp.close()
	fmt.Printf("on: %d requests answered to wrk, %d in the summaries of the JSON file, %d at the StatsD address, %d counted as dropped\n",
		answered, summed, received, dropped)
	// What was on its way when wrk ended a turn was served, but not counted by it.
	if summed < answered {
		return fmt.Errorf("%d events are missing in %s, and not counted", answered-summed, lines)
	}
	if received+dropped != summed {
		return fmt.Errorf("%d events are missing at the StatsD address, and not counted", summed-received-dropped)
	}
	return nil
}

// summarized adds up the timings in a file of summaries.
func summarized(path string) (total int64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	in := bufio.NewScanner(file)
	for in.Scan() {
		var line struct {
			Msg        string `json:"msg"`
			MetricType string `json:"metric_type"`
			Count      int64  `json:"count"`
		}
		if err := json.Unmarshal(in.Bytes(), &line); err != nil {
			return 0, fmt.Errorf("%s: %w: %q", path, err, in.Bytes())
		}
		if line.Msg == "telemetry.summary" && line.MetricType == "timing" {
			total += line.Count
		}
	}
	return total, in.Err()
}

// count adds up the numbers of that name in what the server said at its end.
func (s *server) count(name string) (total int64, err error) {
	found := regexp.MustCompile(` `+name+`=(\d+)`).FindAllSubmatch(s.output.Bytes(), -1)
	if len(found) < 2 { // of the file, and of StatsD
		return 0, fmt.Errorf("%s did not say what was lost:\n%s", s.name, &s.output)
	}
	for _, m := range found {
		n, err := strconv.ParseInt(string(m[1]), 10, 64)
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}
