package events

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// endless is an input that never ends.
type endless struct{ asked chan struct{} }

func (e endless) Read(p []byte) (int, error) {
	select {
	case e.asked <- struct{}{}:
	default:
	}
	return copy(p, strings.Repeat(timing+"\n", 100)), nil
}

// A pipe that says nothing more.
type silent struct{ first io.Reader }

func (s silent) Read(p []byte) (int, error) {
	if n, _ := s.first.Read(p); n > 0 {
		return n, nil
	}
	select {}
}

func TestCancel(t *testing.T) {
	t.Run("endless", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		in := endless{make(chan struct{})}
		go func() { <-in.asked; <-in.asked; cancel() }()
		var sinks []*keeper
		c, err := Read(ctx, Options{Inputs: []string{"-"}, Stdin: in}, func() Sink {
			sinks = append(sinks, new(keeper))
			return sinks[len(sinks)-1]
		})
		assert.ErrorIs(t, err, context.Canceled)
		assert.Len(t, kept(sinks), int(c.Used))
	})
	t.Run("silent", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var k keeper
		stop := stopAfter{&k, cancel}
		c, err := ReadInOrder(ctx, Options{Inputs: []string{"-"}, Stdin: silent{strings.NewReader(timing + "\n")}}, stop)
		assert.ErrorIs(t, err, context.Canceled)
		assert.EqualValues(t, 1, c.Used, "a line is handed on before the next one comes")
	})
}

type stopAfter struct {
	Sink
	cancel func()
}

func (s stopAfter) Event(e *Event) { s.Sink.Event(e); s.cancel() }
