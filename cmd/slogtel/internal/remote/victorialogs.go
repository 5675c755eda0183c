package remote

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"
)

// VictoriaLogs bounds how long a query may take, so that a long time is asked for in windows of an hour or more.
const (
	window     = time.Hour
	maxWindows = 1000
)

// victoriaLogs writes the answer of VictoriaLogs, which is lines. A query with pipes, or with bounds of its own, is asked as it is.
func (q *query) victoriaLogs(ctx context.Context, w io.Writer) error {
	params := q.url.Query()
	logsQL := params.Get("query")
	if logsQL == "" {
		return errors.New("the URL has no query=…, which is * for all lines")
	}
	between := func(from, to time.Time) string {
		return "_time:[" + from.UTC().Format(time.RFC3339Nano) + ", " + to.UTC().Format(time.RFC3339Nano) + ") (" + logsQL + "\n)"
	}
	ask := func(logsQL string) (io.ReadCloser, error) {
		params.Set("query", logsQL)
		return q.client.get(ctx, q.with(params))
	}
	copyAll := func(logsQL string) error {
		body, err := ask(logsQL)
		if err != nil {
			return err
		}
		defer body.Close()
		_, err = io.Copy(w, body)
		return err
	}
	own := strings.ContainsAny(logsQL, "|") || strings.HasPrefix(strings.TrimSpace(logsQL), "options") ||
		params.Has("limit") || params.Has("start") || params.Has("end")
	if own {
		if !q.since.IsZero() {
			params.Set("start", q.since.UTC().Format(time.RFC3339Nano))
		}
		if !q.until.IsZero() {
			params.Set("end", q.until.UTC().Format(time.RFC3339Nano))
		}
		return copyAll(logsQL)
	}
	from, to := q.since, q.until
	if from.IsZero() || to.IsZero() {
		first, last, err := firstAndLast(ask, logsQL, q.client.secret)
		if err != nil {
			return err
		}
		if first.IsZero() {
			return nil // nothing
		}
		if from.IsZero() {
			from = first
		}
		if to.IsZero() {
			to = last.Add(1)
		}
	}
	step := max(window, to.Sub(from)/maxWindows)
	for ; from.Before(to); from = from.Add(step) {
		end := from.Add(step)
		if end.After(to) {
			end = to
		}
		if err := copyAll(between(from, end)); err != nil {
			return err
		}
	}
	return nil
}

// firstAndLast asks for the times of the first and the last line. They are zero where there is none.
func firstAndLast(ask func(string) (io.ReadCloser, error), logsQL string, secret *strings.Replacer) (first, last time.Time, err error) {
	body, err := ask("(" + logsQL + "\n) | stats min(_time) first, max(_time) last")
	if err != nil {
		return first, last, err
	}
	defer body.Close()
	line, err := bufio.NewReader(io.LimitReader(body, 4<<10)).ReadBytes('\n')
	if len(line) == 0 {
		if err == io.EOF {
			err = nil
		}
		return first, last, err
	}
	var row struct{ First, Last string }
	if json.Unmarshal(line, &row) != nil {
		return first, last, errors.New("no answer of VictoriaLogs: " + reason(line, secret))
	}
	first, _ = time.Parse(time.RFC3339, row.First)
	last, _ = time.Parse(time.RFC3339, row.Last)
	return first, last, nil
}
