//go:build !unix

package top

import tea "charm.land/bubbletea/v2"

// A stopper has nothing to do where programs are not stopped by signals.
type stopper struct{}

func newStopper() *stopper { return &stopper{} }

func (*stopper) watch(*tea.Program, <-chan struct{}) {}
func (*stopper) catch()                              {}
func (*stopper) release()                            {}
