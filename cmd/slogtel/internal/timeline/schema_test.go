package timeline

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// traceEvent has what the Trace Event Format knows of the phases that are written
// (https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU).
type traceEvent struct {
	Ph    string         `json:"ph"`
	Name  string         `json:"name"`
	Cat   string         `json:"cat"`
	Pid   *int           `json:"pid"`
	Tid   *int           `json:"tid"`
	TS    *json.Number   `json:"ts"`
	Dur   *json.Number   `json:"dur"`
	Cname string         `json:"cname"`
	S     string         `json:"s"`
	Args  map[string]any `json:"args"`
}

type traceFile struct {
	DisplayTimeUnit string            `json:"displayTimeUnit"`
	OtherData       map[string]string `json:"otherData"`
	TraceEvents     []traceEvent      `json:"traceEvents"`
}

// colors are those of the reserved names that may stand here.
var colors = []string{"good", "bad", "terrible"}

// metadata are the names of "M" events and the argument each must have.
var metadata = map[string]string{
	"process_name": "name", "process_labels": "labels", "process_sort_index": "sort_index",
	"thread_name": "name", "thread_sort_index": "sort_index",
}

// checkSchema holds a file against the rules of the format, and of the viewers: what is
// on a thread nests, and a thread's number is unique among all processes.
func checkSchema(t *testing.T, data []byte) traceFile {
	t.Helper()
	var f traceFile
	in := json.NewDecoder(bytes.NewReader(data))
	in.UseNumber()
	in.DisallowUnknownFields()
	require.NoError(t, in.Decode(&f))
	require.False(t, in.More(), "one object")
	require.Contains(t, []string{"ms", "ns"}, f.DisplayTimeUnit)
	require.NotNil(t, f.TraceEvents)

	type thread struct{ pid, tid int }
	process := map[int]int{}
	named := map[string]bool{}
	intervals := map[thread][][2]int64{}
	for n, e := range f.TraceEvents {
		at := "event " + strconv.Itoa(n)
		require.NotEmpty(t, e.Name, at)
		require.NotNil(t, e.Pid, at)
		require.NotNil(t, e.Tid, at)
		require.Positive(t, *e.Pid, "0 is the idle process: %s", at)
		require.Positive(t, *e.Tid, at)
		if old, ok := process[*e.Tid]; ok {
			require.Equal(t, old, *e.Pid, "a thread of two processes: %s", at)
		}
		process[*e.Tid] = *e.Pid
		if e.Ph != "X" {
			require.Nil(t, e.Dur, at)
			require.Empty(t, e.Cname, at)
		}
		if e.Ph != "i" {
			require.Empty(t, e.S, at)
		}
		if e.Ph == "M" {
			require.Nil(t, e.TS, at)
			require.Contains(t, metadata, e.Name, at)
			require.Contains(t, e.Args, metadata[e.Name], at)
			require.Len(t, e.Args, 1, at)
			require.False(t, named[fmt.Sprint(e.Name, *e.Tid)], "named twice: %s", at)
			named[fmt.Sprint(e.Name, *e.Tid)] = true
			continue
		}
		require.NotEmpty(t, e.Cat, at)
		ts := nanoseconds(t, e.TS, at)
		switch e.Ph {
		case "X":
			if e.Cname != "" {
				require.Contains(t, colors, e.Cname, at)
			}
			k := thread{*e.Pid, *e.Tid}
			intervals[k] = append(intervals[k], [2]int64{ts, ts + nanoseconds(t, e.Dur, at)})
		case "i":
			require.Contains(t, []string{"g", "p", "t"}, e.S, at)
		case "C":
			require.NotEmpty(t, e.Args, at)
			for _, v := range e.Args {
				number, ok := v.(json.Number)
				require.True(t, ok, at)
				x, err := number.Float64()
				require.NoError(t, err, at)
				require.False(t, math.IsInf(x, 0), at)
			}
		default:
			require.Fail(t, "another phase", at)
		}
	}
	for k, list := range intervals {
		require.True(t, named[fmt.Sprint("thread_name", k.tid)], "thread %d has no name", k.tid)
		require.True(t, named[fmt.Sprint("process_name", k.pid)], "process %d has no name", k.pid)
		require.True(t, nested(list), "overlaps on thread %d", k.tid)
	}
	return f
}

// nanoseconds reads a number of microseconds, as a reader does that drops the fraction.
func nanoseconds(t *testing.T, number *json.Number, at string) int64 {
	t.Helper()
	require.NotNil(t, number, at)
	v, err := number.Float64()
	require.NoError(t, err, at)
	require.GreaterOrEqual(t, v, 0.0, at)
	return int64(v * 1000)
}

// nested reports whether any two intervals are one in the other or apart.
func nested(list [][2]int64) bool {
	slices.SortFunc(list, func(a, b [2]int64) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(b[1], a[1])) })
	var open [][2]int64
	for _, i := range list {
		for len(open) > 0 && open[len(open)-1][1] <= i[0] {
			open = open[:len(open)-1]
		}
		if len(open) > 0 && i[1] > open[len(open)-1][1] {
			return false
		}
		open = append(open, i)
	}
	return true
}

// The check itself finds what is wrong.
func TestOverlaps(t *testing.T) {
	assert.True(t, nested([][2]int64{{0, 10}, {0, 10}, {0, 4}, {4, 10}, {10, 12}, {12, 12}}))
	assert.False(t, nested([][2]int64{{0, 10}, {5, 15}}))
	assert.False(t, nested([][2]int64{{0, 100}, {15, 21}, {10, 20}}))
}
