package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	elasticPage = 2000
	elasticMost = 10_000 // index.max_result_window, unless it is configured otherwise
)

// elasticsearch writes the documents of a search, the oldest first, page by page: the next one begins at the millisecond of the
// last document, and leaves out those that were in the page before. A document is written as the hit that it is.
func (q *query) elasticsearch(ctx context.Context, w io.Writer) error {
	params := q.url.Query()
	field, _, _ := strings.Cut(params.Get("sort"), ":")
	if field == "" {
		field = "@timestamp"
	}
	size := elasticPage
	if own, err := strconv.Atoi(params.Get("size")); err == nil && own > 0 {
		size = min(own, elasticMost)
	}
	var filters []any
	if text := params.Get("q"); text != "" {
		filters = append(filters, map[string]any{"query_string": map[string]any{"query": text}})
	}
	for _, name := range []string{"q", "size", "from", "sort", "filter_path", "pretty", "scroll", "search_after"} {
		params.Del(name)
	}
	params.Set("allow_partial_search_results", "false")
	within := map[string]any{"gte": int64(0), "format": "epoch_millis"}
	if !q.since.IsZero() {
		within["gte"] = q.since.UnixMilli()
	}
	if !q.until.IsZero() {
		within["lt"] = q.until.Add(time.Millisecond - 1).UnixMilli()
	}
	page := elasticReader{w: w, seen: make(map[string]bool), last: math.MinInt64}
	for {
		body, err := json.Marshal(map[string]any{
			"size": size, "track_total_hits": false,
			"sort":  []any{map[string]any{field: map[string]any{"order": "asc", "numeric_type": "date", "unmapped_type": "date"}}},
			"query": map[string]any{"bool": map[string]any{"filter": append(filters, map[string]any{"range": map[string]any{field: within}})}},
		})
		if err != nil {
			return err
		}
		answer, err := q.client.do(ctx, http.MethodPost, q.with(params), body)
		if err != nil {
			return err
		}
		page.n, page.fresh = 0, 0
		err = page.read(answer)
		answer.Close()
		switch {
		case err != nil:
			return err
		case page.n < size:
			return nil
		case page.fresh > 0:
		case size < elasticMost: // all of one millisecond
			size = elasticMost
		default:
			return fmt.Errorf("%d documents or more of one millisecond: they cannot be asked for by time", elasticMost)
		}
		within["gte"] = page.last
	}
}

// An elasticReader reads answers of _search.
type elasticReader struct {
	w     io.Writer
	last  int64           // the latest time of a document, in milliseconds since 1970
	seen  map[string]bool // the documents of that time
	n     int             // documents of this page
	fresh int             // of these, not seen before
}

func (p *elasticReader) read(body io.Reader) error {
	s := newScanner(body)
	var timedOut bool
	var shards struct{ Total, Failed int }
	err := s.object(func(key string) error {
		switch key {
		case "timed_out":
			return s.value(&timedOut)
		case "_shards":
			return s.value(&shards)
		case "hits":
			return s.object(func(key string) error {
				if key != "hits" {
					return s.skip()
				}
				return s.array(func() error {
					var hit json.RawMessage
					if err := s.value(&hit); err != nil {
						return err
					}
					return p.hit(hit)
				})
			})
		}
		return s.skip()
	})
	switch {
	case err != nil:
		return err
	case timedOut:
		return errors.New("the search timed out: there is more than was read")
	case shards.Failed > 0:
		return fmt.Errorf("%d of %d shards failed: there is more than was read", shards.Failed, shards.Total)
	}
	return nil
}

func (p *elasticReader) hit(raw []byte) error {
	var h struct {
		Index string `json:"_index"`
		ID    string `json:"_id"`
		Sort  []any  `json:"sort"`
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if dec.Decode(&h) != nil || len(h.Sort) != 1 {
		return errNoAnswer
	}
	n, ok := h.Sort[0].(json.Number)
	at, err := n.Int64()
	if !ok || err != nil || at == math.MaxInt64 || at < p.last {
		return errors.New("the documents have no times by which they can be sorted: sort=FIELD in the URL names the field of the time")
	}
	p.n++
	id := h.Index + "/" + h.ID
	if p.seen[id] {
		return nil
	}
	if at > p.last {
		p.last = at
		clear(p.seen)
	}
	p.seen[id] = true
	p.fresh++
	var line bytes.Buffer
	if json.Compact(&line, raw) != nil {
		return errNoAnswer
	}
	return writeLine(p.w, line.Bytes())
}
