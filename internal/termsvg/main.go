// Termsvg draws what a program wrote to a terminal as an SVG picture of a
// terminal window:
//
//	script -qec 'FORCE_COLOR=1 go run ./examples/quickstart' /dev/null |
//		go run ./internal/termsvg -title 'make demo' >console.svg
//
// It reads the recorded bytes from standard input and writes the picture of the
// last state of the screen to standard output. The same input gives the same
// bytes. The window is dark, with a border, so that it can be seen on a light page
// and on a dark one.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	title := flag.String("title", "", "text in the title bar, and the picture's description")
	cols := flag.Int("cols", 0, "width of the terminal in columns; 0 is as wide as the longest line")
	rows := flag.Int("rows", 0, "draw this many lines at the most, and say how many more there were; 0 is all")
	flag.Parse()
	if flag.NArg() > 0 || *cols < 0 || *rows < 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(os.Stdin, os.Stdout, picture{title: *title, cols: *cols, rows: *rows}); err != nil {
		fmt.Fprintln(os.Stderr, "termsvg:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer, p picture) error {
	s := newScreen(p.cols)
	data, err := io.ReadAll(bufio.NewReader(in))
	if err != nil {
		return err
	}
	s.write(data)
	_, err = out.Write(p.append(nil, s.lines))
	return err
}
