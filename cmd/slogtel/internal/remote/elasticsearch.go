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
	page := newPages(w, math.MinInt64)
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
		err = page.elasticsearch(answer)
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

// elasticsearch reads an answer of _search.
func (p *pages) elasticsearch(body io.Reader) error {
	var answer struct {
		TimedOut bool                             `json:"timed_out"`
		Shards   struct{ Total, Failed int }      `json:"_shards"`
		Hits     struct{ Hits []json.RawMessage } `json:"hits"`
	}
	if err := decode(body, maxAnswer, &answer); err != nil {
		return err
	}
	p.next()
	for _, hit := range answer.Hits.Hits {
		if err := p.hit(hit); err != nil {
			return err
		}
	}
	switch shards := answer.Shards; {
	case answer.TimedOut:
		return errors.New("the search timed out: there is more than was read")
	case shards.Failed > 0:
		return fmt.Errorf("%d of %d shards failed: there is more than was read", shards.Failed, shards.Total)
	}
	return nil
}

func (p *pages) hit(raw []byte) error {
	var h struct {
		Index string        `json:"_index"`
		ID    string        `json:"_id"`
		Sort  []json.Number `json:"sort"`
	}
	var line bytes.Buffer
	if json.Unmarshal(raw, &h) != nil || len(h.Sort) != 1 || json.Compact(&line, raw) != nil {
		return errNoAnswer
	}
	at, err := h.Sort[0].Int64()
	if err != nil || at == math.MaxInt64 || at < p.last {
		return errors.New("the documents have no times by which they can be sorted: sort=FIELD in the URL names the field of the time")
	}
	return p.take(at, h.Index+"/"+h.ID, line.Bytes())
}
