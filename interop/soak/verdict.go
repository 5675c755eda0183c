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

// report prints what each kind of server got through and what a request cost it, with
// the median of the ratios to bare.
func (f fleet) report(turn time.Duration) {
	fmt.Printf("\n%-10s %12s %8s %18s %14s %8s %18s %22s\n", "server", "requests/s", "of bare", "quartiles",
		"CPU µs/request", "of bare", "quartiles", "memory MiB, least-most")
	bare := f.named("bare")
	for _, name := range []string{"bare", "off", "on"} {
		var rates, cost, rateRatios, costRatios []float64
		var rss []int64
		for _, s := range f.named(name) {
			rss = append(rss, s.rss...)
			for i := range s.requests {
				rates = append(rates, s.rate(i)/turn.Seconds())
				rateRatios = append(rateRatios, s.rate(i)/bare.mean((*server).rate, i))
				cost = append(cost, s.cost(i))
				costRatios = append(costRatios, s.cost(i)/bare.mean((*server).cost, i))
			}
		}
		for _, list := range [][]float64{rates, cost, rateRatios, costRatios} {
			slices.Sort(list)
		}
		fmt.Printf("%-10s %12.0f %s %14.1f %s %12d - %d\n", name, at(rates, 0.5), shares(rateRatios),
			at(cost, 0.5), shares(costRatios), slices.Min(rss)>>10, slices.Max(rss)>>10)
	}
	fmt.Println()
}

// named are the servers of one kind.
func (f fleet) named(name string) (some fleet) {
	for _, s := range f {
		if s.name == name {
			some = append(some, s)
		}
	}
	return some
}

// mean is that of what is measured of the servers in one round.
func (f fleet) mean(measure func(*server, int) float64, round int) (mean float64) {
	for _, s := range f {
		mean += measure(s, round) / float64(len(f))
	}
	return mean
}

// rate is the number of requests that were answered in the given turn.
func (s *server) rate(turn int) float64 { return float64(s.requests[turn]) }

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

// conserved compares what the servers with telemetry answered with what arrived in
// their files and at their StatsD address.
func (f fleet) conserved(udp *sink) error {
	var answered, summed, dropped int64
	for _, s := range f.named("on") {
		for _, n := range s.requests {
			answered += n
		}
		n, err := summarized(s.lines)
		if err != nil {
			return err
		}
		summed += n
		if n, err = s.count("dropped"); err != nil {
			return err
		}
		dropped += n
	}
	received := udp.close()
	fmt.Printf("on: %d requests answered to wrk, %d in the summaries of the JSON files, %d at the StatsD address, %d counted as dropped\n",
		answered, summed, received, dropped)
	// What was on its way when wrk ended a turn was served, but not counted by it.
	if summed < answered {
		return fmt.Errorf("%d events are missing in the JSON files, and not counted", answered-summed)
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
