package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/slogtel/telemetry/slogtel"
)

// document is one file that was read.
type document struct {
	path string // as the user gave it, or below the folder that the user gave
	text string // valid UTF-8, not blank
}

// reader reads the files that the user asked for. What cannot be read is noted
// and the rest is read all the same.
type reader struct {
	tel      *slogtel.Telemetry
	ext      []string
	maxFile  int64
	maxInput int64 // bytes in all: the texts stay in memory until they are answered
	open     func(path string) (io.ReadCloser, error)

	seen     map[string]bool
	docs     []document
	bytes    int64
	blank    int
	repeated int // times that a file was asked for again
	failures []failure
}

func newReader(tel *slogtel.Telemetry, o options) *reader {
	r := &reader{
		tel: tel, maxFile: o.maxFile, maxInput: 256 << 20, seen: make(map[string]bool),
		open: func(path string) (io.ReadCloser, error) { return os.Open(path) },
	}
	for ext := range strings.SplitSeq(o.ext, ",") {
		if ext = strings.TrimSpace(ext); ext != "" {
			r.ext = append(r.ext, ext)
		}
	}
	return r
}

func (r *reader) read(ctx context.Context, paths []string) {
	ctx, span := r.tel.Start(ctx, "read", slog.Int("paths", len(paths)))
	defer span.End()
	for _, path := range paths {
		if ctx.Err() != nil {
			r.fail(path, context.Cause(ctx))
			continue
		}
		info, err := os.Stat(path)
		switch {
		case err != nil:
			r.fail(path, err)
		case info.IsDir():
			r.folder(ctx, path)
		default:
			r.file(ctx, path)
		}
	}
	r.tel.Count(ctx, "files", int64(len(r.docs)))
	r.tel.Count(ctx, "bytes", r.bytes)
	r.tel.Count(ctx, "failures", int64(len(r.failures)))
	span.SetAttrs(slog.Int("files", len(r.docs)), slog.Int64("bytes", r.bytes))
}

// folder reads the wanted files below root. Hidden folders, those of dependencies
// and symbolic links are left alone.
func (r *reader) folder(ctx context.Context, root string) {
	found := 0
	top := root + string(filepath.Separator) // so that a link to a folder is followed
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil: // path is a folder that cannot be listed
			found++
			r.fail(path, err)
			return fs.SkipDir
		case d.IsDir():
			if path != top && skipped(d.Name()) {
				return fs.SkipDir
			}
		case d.Type().IsRegular() && r.wants(d.Name()):
			found++
			r.file(ctx, path)
		}
		return nil
	})
	if err != nil {
		r.fail(root, err)
	} else if found == 0 {
		r.fail(root, fmt.Errorf("no %s file in this folder", strings.Join(r.ext, " or ")))
	}
}

func skipped(folder string) bool {
	return strings.HasPrefix(folder, ".") || folder == "node_modules" || folder == "vendor"
}

func (r *reader) wants(name string) bool {
	return slices.ContainsFunc(r.ext, func(ext string) bool { return strings.HasSuffix(name, ext) })
}

// file reads one file, once however often it was asked for.
func (r *reader) file(ctx context.Context, path string) {
	if r.again(path) {
		r.repeated++
		return
	}
	ctx, span := r.tel.Start(ctx, "file", slog.String("path", path))
	defer span.End()
	text, err := r.text(path)
	if err == nil && r.bytes+int64(len(text)) > r.maxInput {
		err = fmt.Errorf("left out: with it there would be more than %d bytes of input", r.maxInput)
	}
	if err != nil {
		span.Fail(err)
		r.fail(path, err)
		return
	}
	r.tel.Histogram(ctx, "bytes", float64(len(text)))
	r.bytes += int64(len(text))
	if strings.TrimSpace(text) == "" {
		r.blank++
		return
	}
	r.docs = append(r.docs, document{path, text})
}

// again reports whether a file was asked for before, by whatever path.
func (r *reader) again(path string) bool {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	before := r.seen[path]
	r.seen[path] = true
	return before
}

var errBinary = errors.New("binary, or text that is not UTF-8")

// text returns what is in a file. It never reads more than maxFile, nor from what
// could block or never end, such as a pipe.
func (r *reader) text(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("not a regular file")
	}
	f, err := r.open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, r.maxFile+1))
	switch {
	case err != nil:
		return "", err
	case int64(len(data)) > r.maxFile:
		return "", fmt.Errorf("larger than the limit of %d bytes (-max-file)", r.maxFile)
	case !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 || bytes.HasPrefix(data, []byte("%PDF-")):
		return "", notText(data)
	}
	return strings.TrimPrefix(string(data), "\ufeff"), nil
}

// notText says what a file is instead, as far as its first bytes tell.
func notText(data []byte) error {
	kind := http.DetectContentType(data)
	if kind == "application/octet-stream" || strings.HasPrefix(kind, "text/") {
		return errBinary
	}
	return fmt.Errorf("%s, not text", kind)
}

// fail notes a path that could not be read. The path is not repeated in the text.
func (r *reader) fail(path string, err error) {
	if e := new(fs.PathError); errors.As(err, &e) {
		err = e.Err
	}
	r.failures = append(r.failures, failure{Stage: stageRead, Files: []string{path}, Error: err.Error()})
}
