//go:build !js && !unix

package top

import tea "charm.land/bubbletea/v2"

// A stopper has nothing to do where programs are not stopped by signals.
type stopper struct{}

func (*stopper) begin()                              {}
func (*stopper) end()                                {}
func (*stopper) watch(*tea.Program, <-chan struct{}) {}
