//go:build unix

package top

import (
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"

	tea "charm.land/bubbletea/v2"
)

// A stopper makes the terminal as it was before the program is stopped, by its key or by a signal from
// elsewhere. Bubbletea does so and then sends the signal to all of the job. As a program of Go that once
// caught the signal is not stopped by it any more, it is caught again, and the program stops itself.
type stopper struct{ suspending atomic.Bool }

// begin says that bubbletea suspends the program, and end that it goes on.
func (s *stopper) begin() { s.suspending.Store(true) }
func (s *stopper) end()   { s.suspending.Store(false) }

// watch acts on the signal until done is closed.
func (s *stopper) watch(p *tea.Program, done <-chan struct{}) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTSTP)
	defer signal.Stop(signals)
	for {
		select {
		case <-done:
			return
		case <-signals:
			if s.suspending.Swap(true) {
				_ = syscall.Kill(syscall.Getpid(), syscall.SIGSTOP)
			} else {
				p.Send(tea.SuspendMsg{})
			}
		}
	}
}
