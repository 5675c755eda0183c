package prometheus

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/stretchr/testify/require"
)

// api calls the server's API and decodes the data of the answer.
func (d *daemon) api(path string, params url.Values, data any) error {
	res, err := http.Get(d.url + "/api/v1/" + path + "?" + params.Encode())
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer := struct {
		Status, Error string
		Data          any
	}{Data: data}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return err
	}
	if answer.Status != "success" {
		return fmt.Errorf("%s: %s", path, answer.Error)
	}
	return nil
}

// health returns what the server says of its target.
func (d *daemon) health() string {
	var targets struct {
		ActiveTargets []struct{ Health, LastError string }
	}
	if err := d.api("targets", nil, &targets); err != nil || len(targets.ActiveTargets) != 1 {
		return "unknown"
	}
	return targets.ActiveTargets[0].Health
}

// A sample is one element of the answer to a query.
type sample struct {
	Metric map[string]string
	Value  [2]any
}

func (d *daemon) query(query string, params url.Values) []sample {
	d.t.Helper()
	params.Set("query", query)
	var data struct{ Result []sample }
	require.NoError(d.t, d.api("query", params, &data), query)
	return data.Result
}

// vector returns the answer to a query as of now.
func (d *daemon) vector(query string) []sample {
	d.t.Helper()
	return d.query(query, url.Values{})
}

// number returns the only number that is the answer to a query as of now.
func (d *daemon) number(query string) float64 {
	d.t.Helper()
	return d.only(query, d.vector(query))
}

// numberAt is number as of a Unix time.
func (d *daemon) numberAt(query string, at time.Duration) float64 {
	d.t.Helper()
	return d.only(query, d.query(query, url.Values{"time": {strconv.FormatFloat(at.Seconds(), 'f', 3, 64)}}))
}

func (d *daemon) only(query string, answer []sample) float64 {
	d.t.Helper()
	require.Len(d.t, answer, 1, query)
	f, err := strconv.ParseFloat(answer[0].Value[1].(string), 64)
	require.NoError(d.t, err)
	return f
}

// has reports whether a query has an answer.
func (d *daemon) has(query string) bool {
	d.t.Helper()
	return len(d.vector(query)) > 0
}

// lastScrape returns the Unix time of the last scrape, in whole milliseconds.
func (d *daemon) lastScrape() time.Duration {
	d.t.Helper()
	return time.Duration(math.Round(d.number("timestamp(app_slogtel_series)")*1000)) * time.Millisecond
}
