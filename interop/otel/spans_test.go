package otel

import (
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/stretchr/testify/require"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
)

// A spanSeen is a span as one of those who saw it tells of it: the JSON lines of the program that
// made it, an OTLP receiver, the Collector or Jaeger. Times are in microseconds, as in Jaeger.
type spanSeen struct {
	Trace, ID, Parent, Name string
	Start, Duration         int64
	Kind, Error             string
	Attrs                   map[string]string // values as text, numbers as floats
}

// byID are spans by their ids.
type byID map[string]spanSeen

// notAttrs are the keys of an event that are no attributes of a span.
var notAttrs = []string{"time", "level", "msg", "scope", "depth", "parent_scope", "metric_type", "call_count", "duration_s",
	"start_monotonic_s", "end_monotonic_s", "start_wall_time_s", "end_wall_time_s", "trace_id", "span_id", "parent_span_id", "error"}

// linesOf returns the scopes that the JSON lines of files tell of, as spans.
func linesOf(t *testing.T, files ...string) byID {
	t.Helper()
	all := byID{}
	for _, file := range files {
		for _, m := range testkit.JSONFile(t, file) {
			if m["msg"] != "telemetry.timing" {
				continue
			}
			text := func(key string) string { s, _ := m[key].(string); return s }
			end, err := time.Parse(time.RFC3339Nano, text("time"))
			require.NoError(t, err)
			d := time.Duration(math.Round(m["duration_s"].(float64) * 1e9))
			s := spanSeen{Trace: text("trace_id"), ID: text("span_id"), Parent: text("parent_span_id"), Name: text("scope"), Error: text("error"),
				Start: end.Add(-d).UnixNano() / 1000, Duration: int64(d / 1000), Attrs: map[string]string{}}
			own := strings.TrimPrefix(s.Name, text("parent_scope")+".")
			s.Kind = "internal"
			switch {
			case strings.HasPrefix(own, "http.server."):
				s.Kind = "server"
			case strings.HasPrefix(own, "http.client."), strings.HasPrefix(own, "sql."):
				s.Kind = "client"
			}
			for key, v := range m {
				if !slices.Contains(notAttrs, key) {
					flatten(s.Attrs, key, v)
				}
			}
			require.NotContains(t, all, s.ID)
			all[s.ID] = s
		}
	}
	return all
}

func flatten(to map[string]string, key string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for k, member := range v {
			flatten(to, key+"."+k, member)
		}
	case float64:
		to[key] = number(v)
	default:
		to[key] = fmt.Sprint(v)
	}
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// spans returns what the receiver was sent. It fails where one came twice.
func (r *receiver) spans(t *testing.T) byID {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	all := byID{}
	for _, request := range r.traces {
		for _, resource := range request.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				for _, s := range scope.Spans {
					seen := ofProto(s)
					if _, twice := all[seen.ID]; twice { // require.NotContains would look at each
						require.Fail(t, "a span came twice", seen.Name)
					}
					all[seen.ID] = seen
				}
			}
		}
	}
	return all
}

func ofProto(s *trace.Span) spanSeen {
	seen := spanSeen{
		Trace: hex.EncodeToString(s.TraceId), ID: hex.EncodeToString(s.SpanId), Parent: hex.EncodeToString(s.ParentSpanId), Name: s.Name,
		Start: int64(s.StartTimeUnixNano / 1000), Duration: int64((s.EndTimeUnixNano - s.StartTimeUnixNano) / 1000),
		Kind: strings.ToLower(strings.TrimPrefix(s.Kind.String(), "SPAN_KIND_")), Attrs: map[string]string{},
	}
	if s.Status.GetCode() == trace.Status_STATUS_CODE_ERROR {
		seen.Error = s.Status.Message
	}
	for _, a := range s.Attributes {
		seen.Attrs[a.Key] = ofValue(a.Value)
	}
	return seen
}

func ofValue(v *common.AnyValue) string {
	switch v := v.Value.(type) {
	case *common.AnyValue_StringValue:
		return v.StringValue
	case *common.AnyValue_BoolValue:
		return strconv.FormatBool(v.BoolValue)
	case *common.AnyValue_IntValue:
		return number(float64(v.IntValue))
	case *common.AnyValue_DoubleValue:
		return number(v.DoubleValue)
	case *common.AnyValue_ArrayValue:
		list := []string{}
		for _, member := range v.ArrayValue.Values {
			list = append(list, ofValue(member))
		}
		return fmt.Sprint(list)
	}
	return fmt.Sprint(v)
}
