package logfile_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/slogtel/telemetry/handlers/logfile"
)

var ctx = context.Background()

// idLine is a line that is known by its id, of some 350 bytes.
func idLine(id int) []byte { return textLine(id, strings.Repeat("x", 320)) }

func textLine(id int, text string) []byte {
	return fmt.Appendf(nil, `{"id":%d,"text":"%s"}`+"\n", id, text)
}

func writeID(f *logfile.File, id int) error {
	_, err := f.Write(idLine(id))
	return err
}

func writeText(f *logfile.File, id int, text string) error {
	_, err := f.Write(textLine(id, text))
	return err
}
