package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// load sends the service a few requests, as a client whose calls are in the same
// telemetry, and prints what came back.
func load(ctx context.Context, obs *observation, url string, out io.Writer) error {
	client := &http.Client{Transport: obs.client(&http.Transport{})}
	defer client.CloseIdleConnections()
	ctx, span := obs.tel.Start(ctx, "visit")
	defer span.End()
	for _, r := range []struct{ method, path string }{
		{"GET", "/work"}, {"GET", "/items/7"}, {"GET", "/items/8"}, {"POST", "/orders"}, {"GET", "/no/such/page"}, {"GET", "/healthz"},
	} {
		req, err := http.NewRequestWithContext(ctx, r.method, url+r.path, nil)
		if err != nil {
			return err
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if err != nil {
			return err
		}
		fmt.Fprintln(out, r.method, r.path, resp.StatusCode)
	}
	return nil
}
