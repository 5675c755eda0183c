package input

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseTime(t *testing.T) {
	zone := time.FixedZone("x", 2*3600)
	now := time.Date(2026, 3, 1, 5, 6, 7, 0, zone)
	local := func(month time.Month, day, hour, minute, second int) time.Time {
		return time.Date(2026, month, day, hour, minute, second, 0, zone)
	}
	for s, want := range map[string]time.Time{
		"":                            {},
		"10m":                         now.Add(-10 * time.Minute),
		"10m ago":                     now.Add(-10 * time.Minute),
		"-1h30m":                      now.Add(-90 * time.Minute),
		"1d":                          now.Add(-24 * time.Hour),
		"1w1d":                        now.Add(-8 * 24 * time.Hour),
		"90m":                         now.Add(-90 * time.Minute),
		"now":                         now,
		"today":                       local(3, 1, 0, 0, 0),
		"Yesterday":                   local(2, 28, 0, 0, 0),
		"05:06":                       local(3, 1, 5, 6, 0),
		"05:06:07":                    local(3, 1, 5, 6, 7),
		"05:06:08":                    local(2, 28, 5, 6, 8), // has not come yet
		"06:33":                       local(2, 28, 6, 33, 0),
		"2026-01-02T03:04:05Z":        time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		"2026-01-02T03:04:05.5Z":      time.Date(2026, 1, 2, 3, 4, 5, 5e8, time.UTC),
		"2026-01-02T03:04:05+03:00":   time.Date(2026, 1, 2, 0, 4, 5, 0, time.UTC),
		"2026-01-02T03:04:05+0300":    time.Date(2026, 1, 2, 0, 4, 5, 0, time.UTC),
		"2026-01-02 03:04:05Z":        time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		"2026-01-02":                  local(1, 2, 0, 0, 0),
		"2026-01-02 03:04":            local(1, 2, 3, 4, 0),
		"2026-01-02T03:04":            local(1, 2, 3, 4, 0),
		"1795847631":                  time.Unix(1795847631, 0),
		"1795847631.25":               time.Unix(1795847631, 25e7),
		"1795847631493":               time.Unix(1795847631, 493e6),
		"1795847631493568":            time.Unix(1795847631, 493568e3),
		"1795847631493568285":         time.Unix(1795847631, 493568285),
		" 1795847631 ":                time.Unix(1795847631, 0),
		"2026-01-02T03:04:05.25-0100": time.Date(2026, 1, 2, 4, 4, 5, 25e7, time.UTC),
	} {
		got, err := parseTime(s, now)
		require.NoError(t, err, s)
		assert.True(t, want.Equal(got), "%q: %s, not %s", s, got, want)
	}
	for _, s := range []string{"1", "12345678", "99999999999999999999", "25:00", "2026-13-01", "tomorrow", "-1795847631", "1795847631.x", "0x1795847631"} {
		_, err := parseTime(s, now)
		assert.Error(t, err, s)
	}
}

func TestBounds(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	_, _, err := bounds("1h", "1d", now)
	assert.ErrorContains(t, err, "--since is 2026-03-04T04:06:07Z, which is not before --until, 2026-03-03T05:06:07Z")
	from, to, err := bounds("yesterday", "today", now)
	require.NoError(t, err)
	assert.Equal(t, 24*time.Hour, to.Sub(from))
}
