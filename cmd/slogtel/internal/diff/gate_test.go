package diff

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
)

// A gate does not open because there was nothing to look at.
func TestFailOnNeedsTelemetry(t *testing.T) {
	some, none := file(t, aRun(1, 1, 0)), file(t, &lines{})
	for _, args := range [][]string{{some, none}, {none, some}, {"--scope", "no.such", some, some}} {
		code, stdout, stderr := command(t, nil, append([]string{"--fail-on", "slower=10%"}, args...)...)
		assert.Equal(t, 2, code, args)
		assert.Contains(t, stderr, "no telemetry", args)
		assert.Contains(t, stdout, "lines read", args)
		code, _, _ = command(t, nil, args...)
		assert.Zero(t, code, args)
	}
}

// Each condition fails on what it is about, and on nothing else.
func TestConditions(t *testing.T) {
	base := func() *lines { return aRun(1, 1, 0.02) }
	with := func(change func(*lines)) *lines { l := base(); change(l); return l }
	tail := func(share int, d time.Duration) *lines {
		l := base()
		for i := range 800 {
			if i%100 < share {
				l.timing("tail", d, "")
			} else {
				l.timing("tail", time.Millisecond+time.Duration(i)*time.Microsecond/10, "")
			}
		}
		return l
	}
	once := func(l *lines) { l.timing("old", time.Second, "") }
	for name, c := range map[string]struct {
		a, b   *lines
		fails  []string
		passes []string
		says   string
	}{
		"gone":       {with(once), base(), []string{"gone"}, []string{"slower=0%,p95=0%,p99=0%,errors=0%,new"}, "old: gone"},
		"new":        {base(), with(once), []string{"new"}, []string{"slower=0%,gone"}, "old: new"},
		"few":        {base(), base(), []string{"few"}, []string{"slower=0%,gone,new"}, "rare: too few calls"},
		"slower":     {base(), aRun(2, 2, 0.02), []string{"slower=10%", "slower=90%", "p95=20%"}, []string{"slower=150%", "errors=1%", "gone,new"}, "slow: "},
		"p95":        {tail(0, 0), tail(8, time.Second), []string{"p95=20%"}, []string{"errors=1%"}, "tail: p95"},
		"p99":        {tail(0, 0), tail(2, 10*time.Second), []string{"p99=20%", "slower=10%"}, []string{"p95=20%", "errors=1%"}, "tail: "},
		"errors":     {base(), aRun(2, 1, 0.2), []string{"errors=1%", "errors=10%"}, []string{"errors=60%", "slower=10%"}, "flaky: error rate"},
		"more calls": {base(), with(func(l *lines) { l.WriteString(base().String()) }), []string{"calls=50%", "sums=50%"}, []string{"slower=10%", "calls=150%"}, ""},
	} {
		a, b := file(t, c.a), file(t, c.b)
		for _, condition := range c.fails {
			code, _, stderr := command(t, nil, "--fail-on", condition, a, b)
			assert.Equal(t, 1, code, "%s: %s: %s", name, condition, stderr)
			assert.Contains(t, stderr, c.says, name)
		}
		for _, condition := range c.passes {
			code, _, stderr := command(t, nil, "--fail-on", condition, a, b)
			assert.Zero(t, code, "%s: %s: %s", name, condition, stderr)
		}
	}
}

// What is only in some of the runs is neither gone nor new.
func TestGoneFromAllRuns(t *testing.T) {
	with, without := aRun(1, 1, 0), aRun(2, 1, 0)
	with.timing("old", time.Second, "")
	g, err := parseGate("gone,new")
	require.NoError(t, err)
	side := func(files ...*lines) *Side {
		var names []string
		for _, l := range files {
			names = append(names, file(t, l))
		}
		s, err := Read(t.Context(), events.Options{}, names, nil)
		require.NoError(t, err)
		return s
	}
	s := settings{alpha: 0.05, minCalls: 5, correction: holmName, gate: g}
	assert.Len(t, compare(side(with, with), side(without, without), s).Regressions, 1)
	assert.Empty(t, compare(side(with, without), side(without, without), s).Regressions)
	assert.Len(t, compare(side(without, without), side(with, with), s).Regressions, 1)
}

// A run of something else is no run.
func TestRunWithoutTelemetry(t *testing.T) {
	other := new(lines)
	other.WriteString("hello\n")
	a := file(t, aRun(1, 1, 0))
	code, _, stderr := command(t, nil, a, a, between, a, file(t, other))
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, "no telemetry")
}

func TestPercent(t *testing.T) {
	for s, want := range map[string]float64{"10%": 0.1, " 2.5 % ": 0.025, "0%": 0, "1e2%": 1, "200%": 2} {
		v, err := parsePercent(s)
		assert.NoError(t, err, s)
		assert.InDelta(t, want, v, 1e-12, s)
	}
	for _, s := range []string{"", "%", "10", "ten%", "-1%", "NaN%", "Inf%", "10%%", "0x%"} {
		_, err := parsePercent(s)
		assert.Error(t, err, s)
	}
	for v, want := range map[float64]string{0.123: "+12%", -0.034: "-3.4%", 24: "×25", 0: "0.0%", -1: "-100%", 1: "+100%", -0.0001: "0.0%"} {
		assert.Equal(t, want, percent(v))
	}
}

func FuzzParsePercent(f *testing.F) {
	for _, s := range []string{"10%", "0%", " 1e3 % ", "nan%", "-0%", "0x1p3%", "1_0%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := parsePercent(s)
		if err != nil {
			assert.Zero(t, v)
			return
		}
		assert.True(t, v >= 0 && v <= 1e4, "%q is %v", s, v)
		assert.Contains(t, s, "%")
	})
}
