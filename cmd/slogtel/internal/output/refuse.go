package output

import (
	"fmt"
	"os"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
)

// RefuseInput returns an error if the file name is one of the inputs, which writing it
// would destroy. An input that cannot be read is left to whoever reads it.
func RefuseInput(name string, inputs []string) error {
	out, err := os.Stat(name)
	if name == Stdout || err != nil || !out.Mode().IsRegular() {
		return nil
	}
	names, _ := events.Expand(inputs)
	for _, in := range names {
		if info, err := os.Stat(in); err == nil && os.SameFile(out, info) {
			return fmt.Errorf("%s is an input, and would be overwritten: name another file with -o", name)
		}
	}
	return nil
}
