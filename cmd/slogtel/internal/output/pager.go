package output

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"

	"github.com/mattn/go-isatty"
)

// A Pager shows what is written to it page by page, where the output is a terminal: by the program that PAGER names, or less. The program is
// started by the first write, and gets LESS=FRX where LESS is not set: what fits on the screen is just
// printed. Whoever leaves it early ends the output, which is no error. Where it cannot be run, all is written as it is.
type Pager struct {
	out    *os.File
	errs   io.Writer // for what is wrong with PAGER
	getenv func(string) string

	mu      sync.Mutex // guards what follows
	started bool
	in      io.WriteCloser // nil: none
	cmd     *exec.Cmd
	left    bool // it has gone
}

// NewPager returns a pager for out, and nil where there is none to be: out is no terminal.
func NewPager(out, errs io.Writer) *Pager {
	f, ok := out.(*os.File)
	if !ok || !isatty.IsTerminal(f.Fd()) {
		return nil
	}
	return &Pager{out: f, errs: errs, getenv: os.Getenv}
}

// Fd is that of the terminal.
func (p *Pager) Fd() uintptr { return p.out.Fd() }

// Write implements [io.Writer].
func (p *Pager) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.started {
		p.started = true
		p.start()
	}
	switch {
	case p.left:
		return len(b), nil
	case p.in == nil:
		return p.out.Write(b)
	}
	n, err := p.in.Write(b)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) {
		p.left = true
		return len(b), nil
	}
	return n, err
}

func (p *Pager) start() {
	name := p.getenv("PAGER")
	asked := name != ""
	if !asked {
		name = "less"
	}
	words := strings.Fields(name)
	if len(words) == 0 || words[0] == "cat" || p.getenv("TERM") == "dumb" {
		return
	}
	path, err := exec.LookPath(words[0])
	if err != nil {
		if asked {
			fmt.Fprintf(p.errs, "slogtel: PAGER: %v; printed without (see --no-pager)\n", err)
		}
		return
	}
	cmd := exec.Command(path, words[1:]...)
	cmd.Env = os.Environ()
	for key, value := range map[string]string{"LESS": "FRX", "LV": "-c"} {
		if p.getenv(key) == "" {
			cmd.Env = append(cmd.Env, key+"="+value)
		}
	}
	cmd.Stdout, cmd.Stderr = p.out, os.Stderr
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintf(p.errs, "slogtel: PAGER: %v; printed without (see --no-pager)\n", err)
		return
	}
	signal.Ignore(os.Interrupt) // Ctrl-C is for the pager now
	p.in, p.cmd = in, cmd
}

// Close waits until the pager is left. Of a nil pager it does nothing.
func (p *Pager) Close() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return
	}
	p.in.Close()
	if err := p.cmd.Wait(); err != nil && p.cmd.ProcessState.ExitCode() > 2 {
		fmt.Fprintf(p.errs, "slogtel: PAGER: %v (see --no-pager)\n", err)
	}
	p.cmd, p.in, p.left = nil, nil, true
}
