package events

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"golang.org/x/text/encoding/unicode"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/remote"
)

const stdinName = "-"

// expand returns the names that the patterns among inputs stand for, and the bytes that
// all of them have, negative when one of them is no regular file. A name without a match
// is an error, as is a folder.
func expand(inputs []string) (names []string, total int64, err error) {
	for _, in := range inputs {
		if in == stdinName {
			names, total = append(names, in), -1
			continue
		}
		if remote.Is(in) {
			if err := remote.Check(in); err != nil {
				return nil, 0, err
			}
			names, total = append(names, in), -1
			continue
		}
		found := []string{in}
		if _, err := os.Lstat(in); err != nil && strings.ContainsAny(in, `*?[`) {
			if found, err = filepath.Glob(in); err != nil {
				return nil, 0, fmt.Errorf("%s: %w", in, err)
			}
			if len(found) == 0 {
				return nil, 0, fmt.Errorf("%s: no such file", in)
			}
		}
		for _, name := range found {
			info, err := os.Stat(name)
			switch {
			case err != nil:
				return nil, 0, err
			case info.IsDir():
				return nil, 0, fmt.Errorf("%s: is a folder", name)
			case !info.Mode().IsRegular():
				total = -1
			case total >= 0:
				total += info.Size()
			}
			names = append(names, name)
		}
	}
	return names, total, nil
}

// Expand returns the names of the inputs, which may be patterns. A name without a match
// is an error, as is a folder.
func Expand(inputs []string) ([]string, error) {
	names, _, err := expand(inputs)
	return names, err
}

// source is an opened input.
type source struct {
	io.Reader
	plain bool   // neither compressed nor in another encoding than UTF-8
	looks string // what it is, if that is nothing to be read
	close []func()
}

func (s *source) Close() {
	for _, c := range s.close {
		c()
	}
}

// OpenRaw opens an input as it is, compressed or not. Closing it does not close standard input.
func OpenRaw(ctx context.Context, o *Options, name string) (io.ReadCloser, error) {
	switch {
	case remote.Is(name):
		return remote.Open(ctx, name, o.Since, o.Until)
	case name != stdinName:
		return os.Open(name)
	case o.Stdin == nil:
		return io.NopCloser(os.Stdin), nil
	}
	return io.NopCloser(o.Stdin), nil
}

// open opens an input and undoes its compression, which is known by its first bytes. The
// bytes that are read from the input as it is are added to read.
func open(ctx context.Context, o *Options, name string, read *atomic.Int64) (*source, error) {
	s := new(source)
	in, err := OpenRaw(ctx, o, name)
	if err != nil {
		return nil, err
	}
	s.close = append(s.close, func() { in.Close() })
	plain := bufio.NewReaderSize(&countingReader{in, read}, 64<<10)
	head, _ := plain.Peek(magicLen)
	head, _ = plain.Peek(max(len(head), min(sniffed, plain.Buffered()))) // no more than there is: a pipe may wait
	s.looks = looks(head)
	order, isUTF16 := utf16Order(head)
	switch {
	case isGzip(head):
		var z *gzip.Reader
		if z, err = gzip.NewReader(plain); err == nil {
			s.Reader = z
		}
	case isZstd(head):
		var z *zstd.Decoder
		if z, err = zstd.NewReader(plain, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(64<<20)); err == nil {
			s.Reader = z
			s.close = append(s.close, z.Close)
		}
	case isBzip2(head):
		s.Reader = bzip2.NewReader(plain)
	case isXZ(head):
		var z *xz.Reader
		if z, err = (xz.ReaderConfig{DictCap: 64 << 20}).NewReader(plain); err == nil {
			s.Reader = z
		}
	case isUTF16:
		s.Reader = unicode.UTF16(order, unicode.UseBOM).NewDecoder().Reader(plain)
	default:
		s.Reader, s.plain = plain, true
	}
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

type countingReader struct {
	r io.Reader
	n *atomic.Int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// How many bytes of an input are looked at to know how it is encoded, and what else it may be.
const (
	magicLen = 10
	sniffed  = 512
)

// Encoded reports whether an input that begins with these bytes, ten or more, is compressed or not in UTF-8.
func Encoded(head []byte) bool {
	_, isUTF16 := utf16Order(head)
	return isGzip(head) || isZstd(head) || isBzip2(head) || isXZ(head) || isUTF16
}

// isGzip is of RFC 1952, 2.3.1.
func isGzip(head []byte) bool { return bytes.HasPrefix(head, []byte("\x1f\x8b\x08")) }

// isZstd is of RFC 8878, 3.1: a frame, or one to skip before it.
func isZstd(head []byte) bool {
	return len(head) >= 4 && (string(head[:4]) == "\x28\xb5\x2f\xfd" || head[0]&0xf0 == 0x50 && string(head[1:4]) == "\x2a\x4d\x18")
}

// isBzip2 knows the header of a stream and that of its first block.
func isBzip2(head []byte) bool {
	return len(head) >= 10 && string(head[:3]) == "BZh" && string(head[4:10]) == "1AY&SY"
}

// isXZ is of the .xz file format 1.2, 2.1.1.1.
func isXZ(head []byte) bool { return bytes.HasPrefix(head, []byte("\xfd7zXZ\x00")) }
