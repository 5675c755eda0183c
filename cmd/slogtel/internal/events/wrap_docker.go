package events

import (
	"bytes"
	"log/slog"
)

// docker reads a line of the json-file driver and reports whether it is one.
func (w *worker) docker(at Position, line []byte) bool {
	all, ok := Members(line, w.members[:0])
	w.members = all
	log, stamp, stream := find(all, "log"), find(all, "time"), 0
	if !ok || log == nil || stamp == nil || !log.IsString() || !stamp.IsString() || find(all, slog.MessageKey) != nil {
		return false
	}
	if text, _ := findString(all, "stream"); text == "stderr" {
		stream = 1
	}
	w.log = appendUnescaped(w.log[:0], log.Value[1:len(log.Value)-1])
	w.part(at, stream, w.log, bytes.HasSuffix(w.log, []byte{'\n'}))
	if cap(w.log) > 4*chunkSize {
		w.log = nil
	}
	return true
}

// dockerPart reports whether a line of the json-file driver is a part that goes on.
func dockerPart(line []byte) bool {
	var s jsonString
	return scanString(line, len(dockerPrefix)-1, &s) > 0 && !bytes.HasSuffix(line[s.start:s.end], []byte(`\n`))
}
