//go:build !js

package top

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/follow"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
)

// history is how many bytes of a file are read that were there before: more than most apps write in a minute,
// read in less than a second.
const history = 32 << 20

// lines is the source that reads lines: of files that grow, of standard input, or of a pipe.
type lines struct {
	name  string
	board *board

	mu      sync.Mutex
	counts  events.Counts
	problem string
	ready   chan struct{} // closed when all that there was has been read
	once    sync.Once
	ended   chan struct{} // closed when nothing comes any more
	err     error         // valid when ended is closed
}

func newLines(name string, limit int) *lines {
	return &lines{name: name, board: newBoard(limit), ready: make(chan struct{}), ended: make(chan struct{})}
}

// snapshot implements source.
func (l *lines) snapshot(context.Context) *snapshot {
	s := &snapshot{Source: l.name}
	l.board.fill(s)
	l.mu.Lock()
	defer l.mu.Unlock()
	s.Problem = l.problem
	if c := l.counts; c.Bad > 0 {
		s.Notes = append(s.Notes, fmt.Sprintf("%d lines that cannot be read", c.Bad))
	}
	if err := input.Nothing(l.counts); err != nil && s.Problem == "" {
		s.Problem = err.Error()
	}
	return s
}

// set notes how far reading is.
func (l *lines) set(c events.Counts, problem string) {
	l.mu.Lock()
	l.counts, l.problem = c, problem
	l.mu.Unlock()
}

// end notes that all has been read.
func (l *lines) end(c events.Counts, problem string, err error) {
	l.set(c, problem)
	l.err = err
	l.once.Do(func() { close(l.ready) })
	close(l.ended)
}

// stream reads standard input, or a pipe, in a goroutine.
func (l *lines) stream(ctx context.Context, opts events.Options) {
	go func() {
		c, err := events.ReadInOrder(ctx, opts, l.board)
		problem := l.name + " has ended"
		if err != nil && ctx.Err() == nil {
			problem = err.Error()
		}
		l.end(c, problem, err)
	}()
}

// follow reads files as they grow, in a goroutine. The error is one of usage.
func (l *lines) follow(ctx context.Context, opts events.Options) error {
	files, err := follow.Files(opts.Inputs, lastBytes)
	if err != nil {
		return err
	}
	reader := events.NewLines(opts, l.board)
	go func() {
		bytes := int64(0)
		follow.Follow(ctx, files, func(f *follow.File, line []byte) {
			bytes += int64(len(line)) + 1
			reader.Line(events.Position{Input: f.Name, Line: f.Line}, line)
		}, func() {
			c := reader.Counts()
			c.Bytes = bytes
			l.set(c, missing(files))
			l.once.Do(func() { close(l.ready) })
		})
		reader.End()
		l.end(reader.Counts(), "", nil)
	}()
	return nil
}

// missing says which files cannot be read now.
func missing(files []*follow.File) string {
	var all []string
	for _, f := range files {
		switch err := f.Err(); {
		case errors.Is(err, fs.ErrNotExist):
			all = append(all, "not there, waiting for it: "+f.Name)
		case err != nil:
			all = append(all, "trying again: "+err.Error())
		}
	}
	return strings.Join(all, "; ")
}

func lastBytes(f io.ReaderAt, size int64) (int64, error) { return follow.LastBytes(f, size, history) }

// read reads the inputs to their ends, of plain files the last bytes.
func (l *lines) read(ctx context.Context, opts events.Options) {
	c, err := follow.Read(ctx, opts, lastBytes, l.board)
	l.end(c, "", err)
}

// wait returns when all that there was has been read, and before if ctx is done.
func (l *lines) wait(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-l.ready:
	case <-time.After(time.Minute): // a disk that answers no more
	}
}
