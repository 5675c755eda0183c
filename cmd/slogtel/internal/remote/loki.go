package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
)

const (
	lokiPage  = 5000      // lines of an answer: the most that Loki gives unless it is configured otherwise
	lokiSince = time.Hour // before now, where nothing says since when
)

// loki writes the lines of a LogQL query, the oldest first, page by page: the next one begins at the time of the last line,
// and leaves out the lines of that time that were in the page before.
func (q *query) loki(ctx context.Context, w io.Writer) error {
	params := q.url.Query()
	if params.Get("query") == "" {
		return errors.New(`the URL has no query=…, such as {job="x"}`)
	}
	until := q.until
	if until.IsZero() {
		until = q.now
	}
	since := q.since
	if since.IsZero() {
		since = until.Add(-lokiSince)
	}
	start, end := since.UnixNano(), until.UnixNano()
	for name, to := range map[string]*int64{"start": &start, "end": &end} {
		if own := params.Get(name); own != "" && (name == "start" && q.since.IsZero() || name == "end" && q.until.IsZero()) {
			n, err := strconv.ParseInt(own, 10, 64)
			if err != nil {
				return fmt.Errorf("%s=%s in the URL: expected nanoseconds since 1970; --since and --until take other forms", name, own)
			}
			*to = n
		}
	}
	size := lokiPage
	if own, err := strconv.Atoi(params.Get("limit")); err == nil && own > 0 {
		size = own
	}
	params.Del("since")
	params.Del("interval")
	params.Set("direction", "forward")
	params.Set("limit", strconv.Itoa(size))
	params.Set("end", strconv.FormatInt(end, 10))
	page := newPages(w, 0)
	for start < end {
		params.Set("start", strconv.FormatInt(start, 10))
		body, err := q.client.get(ctx, q.with(params))
		if err != nil {
			return err
		}
		err = page.loki(body)
		body.Close()
		if err != nil {
			return err
		}
		switch {
		case page.n < size:
			return nil
		case page.fresh == 0:
			return fmt.Errorf("more than %d lines of one nanosecond: they cannot be told apart by time", size)
		}
		start = page.last
	}
	return nil
}

// loki reads an answer of query_range. Lines come by streams, each in the order of time.
func (p *pages) loki(body io.Reader) error {
	var answer struct {
		Data struct {
			ResultType string
			Result     []struct {
				Stream json.RawMessage
				Values [][]json.RawMessage // the time, the line, and maybe more
			}
		}
	}
	if err := decode(body, maxAnswer, &answer); err != nil {
		return err
	}
	if kind := answer.Data.ResultType; kind != "" && kind != "streams" {
		return fmt.Errorf("the query gives numbers (%s), not lines", kind)
	}
	p.next()
	for _, s := range answer.Data.Result {
		for _, v := range s.Values {
			var at, line string
			if len(v) < 2 || json.Unmarshal(v[0], &at) != nil || json.Unmarshal(v[1], &line) != nil {
				return errNoAnswer
			}
			ns, err := strconv.ParseInt(at, 10, 64)
			if err != nil {
				return fmt.Errorf("%q is no time of Loki", at)
			}
			if err := p.take(ns, string(s.Stream)+line, []byte(line)); err != nil {
				return err
			}
		}
	}
	return nil
}
