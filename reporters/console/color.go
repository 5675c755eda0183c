package console

import (
	"io"
	"os"
	"syscall"

	"github.com/mattn/go-colorable"
	"github.com/mattn/go-isatty"

	"github.com/slogtel/telemetry/slogtel"
)

// wantsColor decides as [Options].Color says.
func wantsColor(mode slogtel.Mode, w io.Writer) bool {
	switch {
	case mode == slogtel.On:
		return true
	case mode == slogtel.Off, os.Getenv("NO_COLOR") != "":
		return false
	case os.Getenv("FORCE_COLOR") != "":
		return true
	case os.Getenv("TERM") == "dumb":
		return false
	}
	return isTerminal(w)
}

// isTerminal reports whether w writes to a terminal. It takes the descriptor
// through SyscallConn where there is one: (*os.File).Fd would make deadlines
// stop working.
func isTerminal(w io.Writer) (terminal bool) {
	check := func(fd uintptr) { terminal = isatty.IsTerminal(fd) || isatty.IsCygwinTerminal(fd) }
	switch w := w.(type) {
	case syscall.Conn:
		if conn, err := w.SyscallConn(); err == nil {
			_ = conn.Control(check) // closed: no terminal
		}
	case interface{ Fd() uintptr }:
		check(w.Fd())
	}
	return terminal
}

// colorWriter makes escape sequences work on Windows consoles that do not know them.
func colorWriter(w io.Writer, color bool) io.Writer {
	if f, ok := w.(*os.File); ok && f != nil && color {
		return colorable.NewColorable(f)
	}
	return w
}
