package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/slogtel/telemetry/internal/testkit"
)

// A screen is a terminal with the command in it.
type screen struct {
	t                *testing.T
	master, terminal *os.File
	cmd              *exec.Cmd
	done             chan error

	mu    sync.Mutex
	wrote bytes.Buffer
}

// How the command is started: as the owner of the terminal, which is told of its size; or as what a shell
// starts, and can be stopped.
var (
	session = syscall.SysProcAttr{Setsid: true, Setctty: true}
	job     = syscall.SysProcAttr{Setpgid: true}
)

// onScreen starts the command in a terminal of 80×24, as a session or a job.
func onScreen(t *testing.T, attr syscall.SysProcAttr, in *os.File, env []string, args ...string) *screen {
	t.Helper()
	s := &screen{t: t, done: make(chan error, 1)}
	s.master, s.terminal = testkit.OpenPTY(t)
	s.resize(80, 24)
	s.cmd = testkit.Rerun(t, args...)
	s.cmd.Env = append(append(os.Environ(), "SLOGTEL_TEST_MAIN=1", "TERM=xterm-256color", "NO_COLOR="), env...)
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = s.terminal, s.terminal, s.terminal
	if in != nil {
		s.cmd.Stdin = in
		attr.Ctty = 1 // the descriptor that is the terminal
	}
	s.cmd.SysProcAttr = &attr
	require.NoError(t, s.cmd.Start())
	go func() { s.done <- s.cmd.Wait() }()
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := s.master.Read(buf)
			s.mu.Lock()
			s.wrote.Write(buf[:n])
			s.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	return s
}

func (s *screen) resize(width, height uint16) {
	testkit.Control(s.t, s.master, func(fd int) error {
		return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: width, Row: height})
	})
}

func (s *screen) output() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wrote.String()
}

// take returns what has been written, and forgets it.
func (s *screen) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.wrote.Reset()
	return s.wrote.String()
}

// shows waits until something has been written.
func (s *screen) shows(what string) {
	s.t.Helper()
	require.Eventually(s.t, func() bool { return strings.Contains(s.output(), what) }, patience, 5*time.Millisecond, "%q in %q", what, lazy{s})
}

// lazy is what was written when it is printed.
type lazy struct{ s *screen }

func (l lazy) String() string { return l.s.output() }

func (s *screen) typed(keys string) {
	s.t.Helper()
	_, err := s.master.WriteString(keys)
	require.NoError(s.t, err)
}

// isRaw reports whether the terminal hands keys on one by one.
func (s *screen) isRaw() (raw bool) {
	testkit.Control(s.t, s.terminal, func(fd int) error {
		termios, err := unix.IoctlGetTermios(fd, unix.TCGETS)
		raw = err == nil && termios.Lflag&(unix.ICANON|unix.ECHO) == 0
		return err
	})
	return raw
}

// isStopped reports whether the program is stopped, as the system has it.
func (s *screen) isStopped() bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	_, state, _ := strings.Cut(string(stat), ") ")
	return err == nil && strings.HasPrefix(state, "T")
}

func (s *screen) ends(code int) {
	s.t.Helper()
	select {
	case <-s.done:
	case <-time.After(patience):
		s.t.Fatalf("still there: %q", s.output())
	}
	assert.Equal(s.t, code, s.cmd.ProcessState.ExitCode(), s.output())
	assert.False(s.t, s.isRaw(), "the terminal is as it was")
	assert.Eventually(s.t, func() bool { // the last of it may not have been read yet
		out := s.output()
		return strings.LastIndex(out, firstScreen) >= strings.LastIndex(out, otherScreen) && strings.LastIndex(out, cursor) >= strings.LastIndex(out, noCursor)
	}, patience, 5*time.Millisecond, "%q", lazy{s})
}

// patience is how long the slowest machine may take.
const patience = time.Minute

// What a terminal is told.
const (
	otherScreen = "\x1b[?1049h"
	firstScreen = "\x1b[?1049l"
	noCursor    = "\x1b[?25l"
	cursor      = "\x1b[?25h"
)

// line is a timing that has just ended.
func line(scope string) string {
	name, _ := json.Marshal(scope)
	now := time.Now()
	return fmt.Sprintf(`{"time":%q,"level":"INFO","msg":"telemetry.timing","scope":%s,"depth":0,"parent_scope":"","metric_type":"timing","call_count":1,"duration_s":0.25}`+"\n",
		now.Format(time.RFC3339Nano), name)
}

func growing(t *testing.T) (name string, add func(string)) {
	name = filepath.Join(t.TempDir(), "telemetry.jsonl")
	add = func(text string) {
		f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		require.NoError(t, err)
		_, err = f.WriteString(text)
		require.NoError(t, err)
		require.NoError(t, f.Close())
	}
	add(line("first"))
	return name, add
}

func TestTopOnATerminal(t *testing.T) {
	name, add := growing(t)
	s := onScreen(t, session, nil, nil, "top", "--interval", "100ms", name)
	s.shows("first")
	s.shows("250ms")
	assert.Contains(t, s.output(), otherScreen)
	assert.Contains(t, s.output(), noCursor)
	assert.True(t, s.isRaw())

	add(line("second\x1b]0;evil\a"))
	s.shows(`second\x1b]0;evil\a`)
	assert.NotContains(t, s.output(), "\x1b]0;evil")

	s.typed("/")
	s.shows("filter:")
	s.typed("nothing\r")
	s.shows("no scope matches")
	s.typed("\x1b")
	require.NoError(t, os.Remove(name))
	s.shows("not there, waiting for it")
	add(line("third"))
	s.shows("third")

	s.take()
	s.resize(50, 10)
	s.shows("OPEN")
	s.typed("q")
	s.ends(0)
}

// Where the lines come by a pipe, keys come from the terminal.
func TestTopOfAPipe(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer w.Close()
	s := onScreen(t, session, r, nil, "top", "--interval", "100ms")
	require.NoError(t, r.Close())
	_, err = w.WriteString(line("piped"))
	require.NoError(t, err)
	s.shows("piped")
	s.typed("?")
	s.shows("type a filter")
	s.typed("?")
	require.NoError(t, w.Close())
	s.shows("standard input has ended")
	s.typed("q")
	s.ends(0)
}

// A frame in which little changed is a few bytes: not the screen again.
func TestTopWritesFewBytes(t *testing.T) {
	name, add := growing(t)
	for i := range 30 {
		add(line(fmt.Sprintf("scope.number%d", i)))
	}
	s := onScreen(t, session, nil, nil, "top", "--interval", "100ms", "--sort", "scope", name)
	s.shows("scope.number1")
	s.shows("q quit")
	s.take()
	s.typed(" ")
	s.shows("FROZEN")
	s.typed(" ")
	frames := s.take()
	assert.Less(t, len(frames), 80*24/2, "%q", frames)
	assert.NotContains(t, frames, "number17", "what did not change is not written again")
	s.typed("\x03") // Ctrl-C
	s.ends(0)
}

func TestTopWithoutColour(t *testing.T) {
	name, add := growing(t)
	add(strings.Replace(line("failing"), `"duration_s"`, `"error":"e","duration_s"`, 1))
	const inRed = "\x1b[31m"
	s := onScreen(t, session, nil, nil, "top", name)
	s.shows("failing")
	s.shows("q quit")
	assert.Contains(t, s.output(), inRed)
	s.typed("q")
	s.ends(0)

	s = onScreen(t, session, nil, []string{"NO_COLOR=1"}, "top", name)
	s.shows("failing")
	s.shows("q quit")
	s.typed("q")
	s.ends(0)
	assert.NotRegexp(t, "\x1b\\[[0-9;]*3[0-9]m", s.output())

	s = onScreen(t, session, nil, []string{"TERM=dumb"}, "top", "--interval", "100ms", name)
	s.shows("TERM=dumb")
	s.shows("failing")
	assert.NotContains(t, s.output(), "\x1b")
	assert.False(t, s.isRaw())
	s.typed("\x03")
	s.ends(0)
}

// Whoever stops the program, by its key or from elsewhere, has the terminal as it was; and the screen is drawn again.
func TestTopIsStopped(t *testing.T) {
	for how, stop := range map[string]func(*screen){
		"key":    func(s *screen) { s.typed("\x1a") },
		"signal": func(s *screen) { require.NoError(s.t, s.cmd.Process.Signal(syscall.SIGTSTP)) },
	} {
		t.Run(how, func(t *testing.T) {
			name, _ := growing(t)
			s := onScreen(t, job, nil, nil, "top", "--interval", "100ms", name)
			for range 2 { // what is caught again is caught again
				s.shows("first")
				s.shows("q quit")
				s.take()
				stop(s)
				require.Eventually(t, s.isStopped, patience, 5*time.Millisecond, "%q", lazy{s})
				s.shows(firstScreen)
				s.shows(cursor)
				assert.False(t, s.isRaw())
				s.take()
				require.NoError(t, s.cmd.Process.Signal(syscall.SIGCONT))
				s.shows(otherScreen)
			}
			s.shows("first")
			require.NoError(t, s.cmd.Process.Signal(syscall.SIGTERM))
			s.ends(0)
		})
	}
}
