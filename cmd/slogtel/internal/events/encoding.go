package events

import (
	"bytes"
	"net/http"
	"strings"

	"golang.org/x/text/encoding/unicode"
)

// utf16Order returns the byte order of an input in UTF-16, which begins with a byte order mark or
// with an ASCII character. It is false for another input.
func utf16Order(head []byte) (order unicode.Endianness, ok bool) {
	switch {
	case len(head) < 4:
		return order, false
	case head[0] == 0xff && head[1] == 0xfe, head[0] != 0 && head[1] == 0 && head[2] != 0 && head[3] == 0:
		return unicode.LittleEndian, true
	case head[0] == 0xfe && head[1] == 0xff, head[0] == 0 && head[1] != 0 && head[2] == 0 && head[3] != 0:
		return unicode.BigEndian, true
	}
	return order, false
}

// looks says what an input is that begins with head, if that is nothing to be read, and what
// to do about it. It is "" for text.
func looks(head []byte) string {
	switch {
	case len(head) == 0 || Encoded(head):
		return ""
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return "a zip archive: unpack it, and give the files in it"
	case bytes.HasPrefix(head, []byte("7z\xbc\xaf\x27\x1c")):
		return "a 7z archive: unpack it, and give the files in it"
	case len(head) > 262 && string(head[257:262]) == "ustar":
		return "a tar archive: unpack it, and give the files in it"
	case bytes.HasPrefix(head, []byte("\x04\x22\x4d\x18")):
		return "an lz4 file: pipe it through lz4 -dc"
	case bytes.HasPrefix(head, []byte("LPKSHHRH")):
		return "a journal of systemd: pipe journalctl -o cat, or -o json, into it"
	case bytes.HasPrefix(head, []byte("SQLite format 3")):
		return "an SQLite database: export its rows as JSON lines"
	case bytes.HasPrefix(head, []byte("PAR1")):
		return "a Parquet file: export its rows as JSON lines"
	}
	switch kind, _, _ := strings.Cut(http.DetectContentType(head), ";"); kind {
	case "text/plain":
		return ""
	case "text/html":
		return "an HTML page, as that of an error or a login: save the lines themselves"
	case "text/xml":
		return "XML: export the lines as they were logged"
	case "application/octet-stream":
		return "binary data: give the text of the lines, or what it was made of"
	default:
		return kind + ": give the text of the lines"
	}
}
