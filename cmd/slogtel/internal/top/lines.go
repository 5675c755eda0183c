//go:build !js

package top

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/follow"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/remote"
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
	names, err := expand(opts.Inputs)
	if err != nil {
		return err
	}
	var files []*follow.File
	for _, name := range names {
		if _, err := os.Stat(name); err == nil && !follow.Plain(name) {
			return input.Usage(fmt.Errorf("%s: expected a plain file, which grows; with --once any file is read", name))
		}
		files = append(files, follow.Open(name, lastBytes))
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

// expand returns the files that are meant. One that is not there yet may come.
func expand(inputs []string) (names []string, err error) {
	for _, name := range inputs {
		if name == "-" {
			return nil, input.Usage(errors.New("- cannot be followed together with files"))
		}
		if remote.Is(name) {
			return nil, input.Usage(fmt.Errorf("%s: an address cannot be followed together with others", remote.Name(name)))
		}
		if _, err := os.Lstat(name); err == nil || !strings.ContainsAny(name, "*?[") {
			names = append(names, name)
			continue
		}
		matches, err := events.Expand([]string{name})
		if err != nil {
			return nil, err
		}
		names = append(names, matches...)
	}
	return names, nil
}

func lastBytes(f io.ReaderAt, size int64) (int64, error) { return follow.LastBytes(f, size, history) }

// read reads the inputs to their ends, of plain files the last bytes.
func (l *lines) read(ctx context.Context, opts events.Options) {
	var sum events.Counts
	var err error
	var names []string
	if names, err = events.Expand(opts.Inputs); err == nil {
		for _, name := range names {
			var c events.Counts
			c, err = l.readOne(ctx, opts, name)
			if sum.Add(c); err != nil {
				break
			}
		}
	}
	l.end(sum, "", err)
}

func (l *lines) readOne(ctx context.Context, opts events.Options, name string) (events.Counts, error) {
	opts.Inputs = []string{name}
	if name != "-" && !remote.Is(name) && follow.Plain(name) {
		f, err := os.Open(name)
		if err != nil {
			return events.Counts{}, err
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.Size() > history {
			at, err := lastBytes(f, info.Size())
			if err != nil {
				return events.Counts{}, err
			}
			if _, err := f.Seek(at, io.SeekStart); err != nil {
				return events.Counts{}, err
			}
		}
		opts.Inputs, opts.Stdin, opts.StdinName = []string{"-"}, f, name
	}
	return events.ReadInOrder(ctx, opts, l.board)
}

// wait returns when all that there was has been read, and before if ctx is done.
func (l *lines) wait(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-l.ready:
	case <-time.After(time.Minute): // a disk that answers no more
	}
}
