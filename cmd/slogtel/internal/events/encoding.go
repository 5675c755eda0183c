package events

import (
	"bytes"
	"encoding/binary"
	"io"
	"net/http"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// utf16Order returns the byte order of an input in UTF-16, which begins with a byte order mark or
// with an ASCII character, and nil for another input.
func utf16Order(head []byte) binary.ByteOrder {
	switch {
	case len(head) < 4:
		return nil
	case head[0] == 0xff && head[1] == 0xfe, head[0] != 0 && head[1] == 0 && head[2] != 0 && head[3] == 0:
		return binary.LittleEndian
	case head[0] == 0xfe && head[1] == 0xff, head[0] == 0 && head[1] != 0 && head[2] == 0 && head[3] != 0:
		return binary.BigEndian
	}
	return nil
}

// A utf16Reader turns UTF-16 into UTF-8. What is no valid UTF-16 becomes U+FFFD.
type utf16Reader struct {
	r     io.Reader
	order binary.ByteOrder
	raw   []byte // read and not yet decoded: at most half of a character after each Read
	text  []byte // decoded and not yet handed on
	err   error
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.text) == 0 {
		if u.err != nil {
			return 0, u.err
		}
		u.fill()
	}
	n := copy(p, u.text)
	u.text = u.text[n:]
	return n, nil
}

func (u *utf16Reader) fill() {
	buf := make([]byte, 32<<10)
	n, err := u.r.Read(buf)
	u.err = err
	u.raw = append(u.raw, buf[:n]...)
	u.text = u.text[:0]
	i := 0
	for ; i+2 <= len(u.raw); i += 2 {
		r := rune(u.order.Uint16(u.raw[i:]))
		if utf16.IsSurrogate(r) {
			if i+4 > len(u.raw) && err == nil {
				break
			}
			low := rune(0)
			if i+4 <= len(u.raw) {
				low = rune(u.order.Uint16(u.raw[i+2:]))
			}
			if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
				i += 2
			}
		}
		u.text = utf8.AppendRune(u.text, r)
	}
	u.raw = append(u.raw[:0], u.raw[i:]...)
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
