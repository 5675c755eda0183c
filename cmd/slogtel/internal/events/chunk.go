package events

import (
	"bytes"
	"io"
)

// chunkSize is what is read and handed to a worker at once: less than a core's cache.
const chunkSize = 256 << 10

// A chunk is a run of whole lines of one input, or the place of a line that is too long.
type chunk struct {
	number   int
	name     string
	line     int64 // the number of the first one
	data     []byte
	tooLong  bool
	looks    string // what the input is, if that is nothing to be read
	document bool   // see isDocument
}

// A splitter cuts an input into chunks.
type splitter struct {
	r        io.Reader
	name     string
	maxLine  int
	line     int64
	rest     []byte // what was read beyond the last chunk
	eof      bool
	started  bool
	looks    string
	document bool
	prompt   bool // a line is handed on when it is there: the next one may take hours
	wrapped  bool // lines may be split by a shipper, and chunks must not part them
}

// next fills c. With more false it was the last one.
func (s *splitter) next(c *chunk) (more bool, err error) {
	c.name, c.line, c.tooLong = s.name, s.line, false
	if cap(c.data) > 4*chunkSize { // it had to grow for one line
		c.data = nil
	}
	c.data = append(c.data[:0], s.rest...)
	s.rest = s.rest[:0]
	for want := max(chunkSize, len(c.data)); ; want = 2 * len(c.data) {
		if err = s.fill(c, want); err != nil {
			return false, err
		}
		if !s.started {
			s.start(c)
		}
		if s.eof {
			break
		}
		if cut := s.cut(c.data); cut > 0 {
			s.rest = append(s.rest, c.data[cut:]...)
			c.data = c.data[:cut]
			break
		}
		if len(c.data) > s.maxLine {
			if end := bytes.LastIndexByte(c.data, '\n'); end >= 0 { // split by a shipper into too many
				s.rest = append(s.rest, c.data[end+1:]...)
				c.data = c.data[:end+1]
				break
			}
			c.data, c.tooLong = c.data[:0], true
			s.line++
			return s.skipLine()
		}
	}
	s.line += int64(bytes.Count(c.data, []byte{'\n'}))
	c.document, c.looks = s.document, s.looks
	return !s.eof, nil
}

// fill reads until c has want bytes.
func (s *splitter) fill(c *chunk, want int) error {
	have := len(c.data)
	if s.eof || have >= want {
		return nil
	}
	if cap(c.data) < want {
		c.data = append(make([]byte, 0, want), c.data...)
	}
	for have < want {
		n, err := s.r.Read(c.data[have:want])
		have += n
		c.data = c.data[:have]
		if err == io.EOF {
			s.eof = true
			return nil
		}
		if err != nil {
			return err
		}
		if s.prompt && bytes.IndexByte(c.data[have-n:], '\n') >= 0 {
			return nil
		}
	}
	return nil
}

// start looks at how the input begins.
func (s *splitter) start(c *chunk) {
	s.started = true
	c.data = bytes.TrimPrefix(c.data, []byte("\xef\xbb\xbf"))
	first := bytes.TrimLeft(c.data, " \t\r\n")
	s.wrapped = bytes.HasPrefix(first, []byte(dockerPrefix)) || isCRI(first)
	s.document = !s.wrapped && isDocument(c.data)
}

// cut returns the length of the longest run of whole lines at the start of data.
func (s *splitter) cut(data []byte) int {
	end := bytes.LastIndexByte(data, '\n') + 1
	switch {
	case s.wrapped:
		return unparted(data[:end])
	case s.document:
		return wholeRecords(data)
	}
	return end
}

// skipLine reads up to the end of the line.
func (s *splitter) skipLine() (more bool, err error) {
	buf := make([]byte, 64<<10)
	for {
		n, err := s.r.Read(buf)
		if i := bytes.IndexByte(buf[:n], '\n'); i >= 0 {
			s.rest = append(s.rest, buf[i+1:n]...)
			return true, nil
		}
		if err == io.EOF {
			s.eof = true
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
}

// unparted returns the length of the longest start of data, whole lines, that does not
// end between the parts of a line.
func unparted(data []byte) int {
	var open [2]bool
	good := 0
	for i := 0; i < len(data); {
		end := bytes.IndexByte(data[i:], '\n')
		if end < 0 {
			break
		}
		line := data[i : i+end]
		i += end + 1
		if stream, full, _, ok := cutCRI(line); ok {
			open[stream] = !full
		} else if bytes.HasPrefix(line, []byte(dockerPrefix)) {
			stream := 0
			if bytes.Contains(line, []byte(`"stream":"stderr"`)) {
				stream = 1
			}
			open[stream] = dockerPart(line)
		}
		if !open[0] && !open[1] {
			good = i
		}
	}
	return good
}
