package slogteltest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/slogtel/telemetry/slogtel"
)

// checkRetains hands events to a handler that says it retains no records, and to those
// derived from it: by the time that it is flushed, the memory of their attributes has been
// used for others. The events are such as a handler that sums up passes on.
func checkRetains(r *run) {
	if r.opts.Results == nil {
		r.skipped = "there are no Results"
		return
	}
	r.skipped = "the handler may retain records"
	for _, form := range r.forms() {
		root := r.handler()
		h := form.derive(root)
		if r.stuck || slogtel.RetainsRecords(h) || h == slog.DiscardHandler { // in place of nil
			continue
		}
		r.skipped = ""
		r.do("telemetry through "+form.name, func() error {
			emitTokens(slogtel.New(&slogtel.Options{Mode: slogtel.On}, h))
			return nil
		})
		text := fmt.Sprint(r.results(root))
		for i := range retainEvents {
			for k := range retainAttrs {
				r.shows([]string{text}, token(i, k), "%s: RetainsRecords is false, but what was written later is not what was handled", form.name)
			}
		}
	}
}

const (
	retainEvents = 9
	retainAttrs  = 12
)

// token is the value of an attribute of an event.
func token(event, attr int) string { return fmt.Sprintf("token_%d_%d.", event, attr) }

// emitTokens emits failed scopes and plain metrics in turns.
func emitTokens(tel *slogtel.Telemetry) {
	for i := range retainEvents {
		list := make([]slog.Attr, retainAttrs)
		for k := range list {
			list[k] = slog.String(fmt.Sprint("key_", k), token(i, k))
		}
		if i%3 == 0 {
			tel.Metric(context.Background(), "retained", "a text", list...)
			continue
		}
		_, span := tel.Start(context.Background(), "retained", list[:retainAttrs/2]...)
		span.Fail(errors.New("as planned"))
		span.End(list[retainAttrs/2:]...)
	}
}
