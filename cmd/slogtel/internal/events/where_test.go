package events

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const whereLines = `{"time":"2026-11-28T06:33:51Z","level":"INFO","msg":"telemetry.timing","scope":"job.call","depth":1,"parent_scope":"job","metric_type":"timing","call_count":7,"duration_s":1.25,"trace_id":"aa","model":"m1","http":{"status":503,"path":"/a b"},"id":125276004817190914,"wait":1500000000,"wait_ms":20,"said":"2s","float":2.0}
{"time":"2026-11-28T06:33:52Z","level":"ERROR","msg":"telemetry.timing","scope":"job","depth":0,"parent_scope":"","metric_type":"timing","call_count":1,"duration_s":0.5,"error":"Timeout after 3 s","sample_rate":0.5}
{"time":"2026-11-28T06:33:53Z","level":"INFO","msg":"telemetry.metric","scope":"job.n","depth":1,"parent_scope":"job","metric_type":"counter","value":42,"duration":"3s"}
`

func TestWhere(t *testing.T) {
	for where, want := range map[string]string{
		"model=m1": "c", "model==m1": "c", `model="m1"`: "c", "model = m1 ": "c", "model!=m1": "jn", "model=": "jn", "model!=": "c", "model=~^m": "c", "model!~^m": "jn",
		"duration>1s": "cn", "duration_s>=1250ms": "c", "duration_s>1.25": "", "duration<1m": "cjn", "duration=500ms": "j", "duration_s<=0.5": "j", "duration!=0.5s": "cn", "duration>2.9s": "n",
		"http.status>=500": "c", "http.status=503": "c", "http.status=503.0": "c", "http.status<5e2": "", "http.path=/a b": "c", "http.status!=503": "jn",
		"id=125276004817190914": "c", "id=125276004817190913": "", "id>125276004817190913": "c", "float=2": "c",
		"wait>1s": "c", "wait<1s": "", "wait_ms<=20ms": "c", "wait_ms>20ms": "", "said>1s": "c", "said<1s": "",
		"error=~(?i)TIMEOUT": "j", `error!=""`: "j", "error=": "cn", "level>=warn": "j", "level=ERROR": "j", "level<ERROR": "cn", "level=~ERR": "j",
		"depth=0": "j", "call_count>1": "c", "value>41": "n", "value=42": "n", "value<42": "", "sample_rate<1": "j", "scope=job.call": "c", "scope=~^job": "cjn",
		"trace.id=aa": "c", "event.duration>1000000000": "c", "event.duration>1s": "c", "labels.model=m1": "c", "error.message=~after": "j", "metric_type=counter": "n", "nothing>0": "", "nothing<0": "",
	} {
		c, err := ParseCondition(where)
		require.NoError(t, err, where)
		for _, attrs := range []bool{true, false} { // all attributes, or those that are asked for
			got := ""
			l := NewLines(Options{Where: []Condition{c}, Attrs: attrs}, sinkFunc(func(e *Event) { got += map[string]string{"job.call": "c", "job": "j", "job.n": "n"}[e.Scope] }))
			for i, line := range strings.Split(strings.TrimSpace(whereLines), "\n") {
				l.Line(Position{"x", int64(i)}, []byte(line))
			}
			assert.Equal(t, want, got, "%s (all attributes: %v)", where, attrs)
			assert.Zero(t, l.Counts().Bad)
		}
	}
}

func TestWhereErrors(t *testing.T) {
	for where, want := range map[string]string{
		"x":              `at character 2: expected one of`,
		"":               `at character 1: expected one of`,
		"=x":             `at character 1: expected a key before =`,
		"ä!x":            `at character 2: expected one of = != < <= > >= =~ !~, found "!"`,
		"a~b":            `at character 2: expected one of`,
		"duration>x":     `at character 10: expected a duration such as 1.5s or 200ms, found "x"`,
		"duration >>1s":  `at character 11: expected a duration`,
		"duration=~1":    "is a number",
		"http.status>=x": `at character 14: expected a number`,
		"a>":             `at character 3: expected a value after >`,
		"a=~(b":          `at character 4: no regular expression: missing closing ): (b`,
		`a="b`:           `at character 3: expected a text in quotes`,
		"level>loud":     `at character 7: expected a level`,
		"time>06:33":     `at character 1: the time is a matter of --since`,
		"depth=deep":     `at character 7: expected a number`,
	} {
		_, err := ParseCondition(where)
		assert.ErrorContains(t, err, want, where)
	}
}

func TestParseDuration(t *testing.T) {
	for s, want := range map[string]time.Duration{
		"1d": 24 * time.Hour, "2w": 14 * 24 * time.Hour, "1d12h": 36 * time.Hour, "1w1d1h": 193 * time.Hour, "1.5d": 36 * time.Hour, "90m": 90 * time.Minute,
		"-1d1h": -25 * time.Hour, "1e9w": 1<<63 - 1, "0d": 0,
	} {
		got, err := ParseDuration(s)
		require.NoError(t, err, s)
		assert.Equal(t, want, got, s)
	}
	for _, s := range []string{"", "d", "1", "1dd", "1d1", "1d1w", "xd", "nand", "infd", "1 d", "world"} {
		_, err := ParseDuration(s)
		assert.Error(t, err, s)
	}
}

// Whatever is said, it is a condition or an error.
func FuzzCondition(f *testing.F) {
	for _, s := range []string{"a=b", "duration>1d12h", `k="x"`, "a=~(", "level>=WARN+2", "x<1e400", "d!=-1w2d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseCondition(s)
		if err != nil {
			return
		}
		l := NewLines(Options{Where: []Condition{c}}, sinkFunc(func(*Event) {}))
		for i, line := range strings.Split(strings.TrimSpace(whereLines), "\n") {
			l.Line(Position{"x", int64(i)}, []byte(line))
		}
		counts := l.Counts()
		assert.EqualValues(t, 3, counts.Used+counts.Filtered)
	})
}
