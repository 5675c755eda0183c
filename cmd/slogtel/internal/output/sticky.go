package output

import "io"

// A Sticky writer passes on what is written until an error, which it keeps: whoever
// writes many lines looks at it once, at the end.
type Sticky struct {
	W   io.Writer
	Err error // the first
}

// Write writes p, or returns the error that there was before.
func (s *Sticky) Write(p []byte) (int, error) {
	if s.Err != nil {
		return 0, s.Err
	}
	n, err := s.W.Write(p)
	s.Err = err
	return n, err
}
