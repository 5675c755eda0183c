package top

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/tail"
	"github.com/slogtel/telemetry/internal/series"
	"github.com/slogtel/telemetry/reporters/live"
	"github.com/slogtel/telemetry/slogtel"
)

// A looker returns what is happening now.
type looker func(ctx context.Context) (*live.Page, error)

// maxPage is how many bytes of a page are read.
const maxPage = 64 << 20

// source returns the looker of an address or a file.
func source(ctx context.Context, from string) (looker, error) {
	if _, err := os.Stat(from); err == nil {
		return file(ctx, from), nil
	}
	address := from
	if _, err := strconv.ParseUint(from, 10, 16); err == nil {
		address = "127.0.0.1:" + from
	}
	if strings.HasPrefix(address, ":") {
		address = "127.0.0.1" + address
	}
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Port() == "" && !strings.Contains(from, "://") {
		return nil, fmt.Errorf("top: %q is no file, and no address of a live page, such as 127.0.0.1:6060", from)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	u.RawQuery = "format=json"
	return page(u.String()), nil
}

// page looks at the live page of a program.
func page(address string) looker {
	client := &http.Client{Timeout: 10 * time.Second}
	return func(ctx context.Context) (*live.Page, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return nil, err
		}
		resp, err := client.Do(r)
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		body := io.LimitReader(resp.Body, maxPage)
		if resp.StatusCode != http.StatusOK {
			text, _ := io.ReadAll(io.LimitReader(body, 300))
			return nil, fmt.Errorf("%s: %s: %s", address, resp.Status, strings.TrimSpace(string(text)))
		}
		p := new(live.Page)
		if err := json.NewDecoder(body).Decode(p); err != nil || p.Schema == 0 {
			return nil, fmt.Errorf("%s is no live page: %w", address, err)
		}
		if p.Schema != live.Schema {
			return nil, fmt.Errorf("%s has schema %d, and this program reads %d", address, p.Schema, live.Schema)
		}
		return p, nil
	}
}

// file adds up what is appended to a file, as the live page does.
func file(ctx context.Context, name string) looker {
	h := live.New(&live.Options{Title: name, Level: slog.Level(math.MinInt), MaxScopes: 4096})
	go tail.Follow(ctx, name, adder{h})
	return func(context.Context) (*live.Page, error) { return h.Page(), nil }
}

// An adder hands events to a live page. They count as of now: their program wrote them a moment ago.
type adder struct{ h *live.Handler }

func (a adder) Event(e *events.Event) {
	r := tail.Record(e)
	if e.SampleRate > 0 && e.SampleRate < 1 {
		r.AddAttrs(slog.Float64(slogtel.KeySampleRate, e.SampleRate))
	}
	if e.InSummary {
		r.AddAttrs(slog.Bool(slogtel.KeyInSummary, true))
	}
	if e.Totals != nil && e.Totals.Sketch != nil {
		r.AddAttrs(slog.String(slogtel.KeySketch, series.Text(e.Totals.Sketch)))
	}
	_ = a.h.Handle(context.Background(), r) // it has no errors
}
