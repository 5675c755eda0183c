// Release publishes the modules of this repository. Each nested module requires the others at the
// version of the release, without replace; go.work joins them in the checkout.
//
//	go run ./internal/release prepare v0.1.0  # lets all modules require each other at v0.1.0: commit it
//	go run ./internal/release tidy            # go mod tidy of each, also before v0.1.0 is published
//	go run ./internal/release api             # what has changed in the API since the last release
//	go run ./internal/release tag v0.1.0      # checks all of it and makes the tags, the root's first
//
// Nothing is pushed: tag says with which command to do it.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("want prepare VERSION, tidy, api or tag VERSION, as go doc ./internal/release says")

func run(w io.Writer, args []string) error {
	root, err := output(".", "git", "rev-parse", "--show-toplevel")
	if err != nil {
		return err
	}
	modules, err := find(root)
	if err != nil {
		return err
	}
	r := repository{root, modules, w}
	switch {
	case len(args) == 2 && args[0] == "prepare":
		return r.prepare(args[1])
	case len(args) == 1 && args[0] == "tidy":
		return r.tidy()
	case len(args) == 1 && args[0] == "api":
		_, err := r.api()
		if errors.Is(err, errMissing) {
			fmt.Fprintln(w, "api is left out:", err)
			return nil
		}
		return err
	case len(args) == 2 && args[0] == "tag":
		return r.tag(args[1])
	}
	return errUsage
}

// A repository is a checkout of all modules.
type repository struct {
	root    string
	modules []module
	out     io.Writer
}
