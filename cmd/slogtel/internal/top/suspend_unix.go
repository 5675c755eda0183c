//go:build unix

package top

import (
	"os"
	"os/signal"
	"syscall"

	tea "charm.land/bubbletea/v2"
)

// A stopper makes the terminal as it was before the program is stopped by a signal from elsewhere. (Ctrl-Z
// is a key.) Bubbletea sends the signal once more, which is then to stop the program: it must not be caught.
type stopper struct{ signals chan os.Signal }

func newStopper() *stopper { return &stopper{make(chan os.Signal, 1)} }

// watch suspends p when the signal comes.
func (s *stopper) watch(p *tea.Program, done <-chan struct{}) {
	s.catch()
	defer s.release()
	for {
		select {
		case <-done:
			return
		case <-s.signals:
			s.release()
			p.Send(tea.SuspendMsg{})
		}
	}
}

func (s *stopper) catch()   { signal.Notify(s.signals, syscall.SIGTSTP) }
func (s *stopper) release() { signal.Stop(s.signals) }
