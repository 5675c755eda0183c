package slogteltest

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/slogtel/telemetry/slogtel"
)

// checkRetains hands records to a handler that says it retains none: by the time it
// is flushed, the memory of their attributes has been used for other ones.
func checkRetains(r *run) {
	const events, attrs = 8, 12
	root := r.handler()
	if r.opts.Results == nil || slogtel.RetainsRecords(root) {
		r.skipped = "the handler may retain records, or there are no Results"
		return
	}
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, root)
	texts := r.seen(root, func() {
		r.emitted += events
		r.do("telemetry", func() error {
			for i := range events {
				list := make([]slog.Attr, attrs)
				for k := range list {
					list[k] = slog.String(fmt.Sprint("key_", k), fmt.Sprintf("token_%d_%d", i, k))
				}
				tel.Metric(context.Background(), "retained", "an event that is not summed up", list...)
			}
			return nil
		})
	})
	for i, text := range texts {
		for k := range attrs {
			r.shows([]string{text}, fmt.Sprintf("token_%d_%d", i, k), "RetainsRecords is false, but what was written later is not what was handled")
		}
	}
}
