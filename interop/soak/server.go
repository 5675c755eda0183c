package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A server is one of those that are loaded, with what was measured.
type server struct {
	name     string
	url      string
	lines    string // the file of its telemetry, if it has any
	cmd      *exec.Cmd
	output   bytes.Buffer    // its standard error, to be read when it has ended
	requests []int64         // answered, each turn
	cpu      []time.Duration // used, each turn
	rss      []int64         // KiB, after each turn
}

type fleet []*server

// build builds examples/httpserver into dir.
func build(ctx context.Context, dir string) (string, error) {
	if _, err := exec.LookPath("wrk"); err != nil {
		return "", errors.New("the command wrk is missing (Debian package wrk)")
	}
	program := filepath.Join(dir, "httpserver")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "github.com/slogtel/telemetry/examples/httpserver").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return program, nil
}

// calibrated returns how many rounds of work take 50 µs here, which the program
// measures and logs.
func calibrated(program string) (string, error) {
	out, err := exec.Command(program, "-mode", "bare").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", program, err, out)
	}
	m := regexp.MustCompile(`rounds=(\d+)`).FindSubmatch(out)
	if m == nil {
		return "", fmt.Errorf("%s did not say how many rounds it does:\n%s", program, out)
	}
	return string(m[1]), nil
}

func startFleet(program, lines, statsd string, processes int) (all fleet, err error) {
	rounds, err := calibrated(program)
	if err != nil {
		return nil, err
	}
	fmt.Printf("a request does 50 µs of work, %s rounds\n", rounds)
	for n := range processes {
		file := fmt.Sprintf("%s-%d.jsonl", lines, n)
		for _, s := range []struct {
			mode, lines string
			args        []string
		}{
			{"bare", "", nil},
			{"off", "", nil},
			{"on", file, []string{"-json", file, "-aggregate", "10s", "-statsd", statsd, "-statsd-packet", "8192"}},
		} {
			one, err := startServer(s.mode, program, rounds, s.args...)
			if err != nil {
				return nil, errors.Join(err, all.stop())
			}
			one.lines = s.lines
			all = append(all, one)
		}
	}
	return all, nil
}

func startServer(mode, program, rounds string, args ...string) (*server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // a port that is free
	if err != nil {
		return nil, err
	}
	address := listener.Addr().String()
	_ = listener.Close()
	s := &server{name: mode, url: "http://" + address}
	s.cmd = exec.Command(program, append(args, "-mode", mode, "-addr", address, "-quiet", "-rounds", rounds)...)
	s.cmd.Stderr = &s.output
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	for range 200 {
		resp, err := http.Get(s.url + "/healthz")
		if err == nil {
			_ = resp.Body.Close()
			return s, nil
		}
		time.Sleep(25 * time.Millisecond)
	}
	return nil, errors.Join(fmt.Errorf("%s does not answer at %s", mode, s.url), s.stop())
}

// stop ends the server as an operator would. It may be called again.
func (s *server) stop() error {
	if s.cmd.ProcessState != nil {
		return nil
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	kill := time.AfterFunc(20*time.Second, func() { _ = s.cmd.Process.Kill() })
	defer kill.Stop()
	if err := s.cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w\n%s", s.name, err, &s.output)
	}
	return nil
}

func (f fleet) stop() (err error) {
	for _, s := range f {
		err = errors.Join(err, s.stop())
	}
	return err
}

// memory is the resident memory in KiB, 0 where it is not known.
func (s *server) memory() int64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, _ := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
			return n
		}
	}
	return 0
}

// cpuTime is what the server has computed so far, in user mode and in the kernel, or 0
// where it is not known. Fields 14 and 15 of the file are in ticks, of which Linux has a
// hundred a second for programs on every architecture, see proc_pid_stat(5).
func (s *server) cpuTime() time.Duration {
	const tick = time.Second / 100
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	_, rest, _ := bytes.Cut(stat, []byte(") ")) // the name before may have spaces
	fields := strings.Fields(string(rest))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * tick
}

// load sends requests for a while and returns how many were answered with success.
func load(ctx context.Context, url string, d time.Duration, connections int) (int64, error) {
	seconds := max(1, int(d.Seconds()))
	out, err := exec.CommandContext(ctx, "wrk", "-t1", "-c"+strconv.Itoa(connections), "-d"+strconv.Itoa(seconds)+"s", url).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("wrk: %w\n%s", errors.Join(err, ctx.Err()), out)
	}
	if bytes.Contains(out, []byte("Socket errors")) || bytes.Contains(out, []byte("Non-2xx")) {
		return 0, fmt.Errorf("wrk:\n%s", out)
	}
	m := regexp.MustCompile(`(\d+) requests in`).FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("wrk printed no number of requests:\n%s", out)
	}
	return strconv.ParseInt(string(m[1]), 10, 64)
}
