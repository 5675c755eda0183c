package jsonenc

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/slogtel/telemetry/internal/testkit"
)

// stdTime is the standard library's text for a time in the years 0 to 9999.
func stdTime(t time.Time) string { return t.Format(`"` + time.RFC3339Nano + `"`) }

func TestEveryDay(t *testing.T) {
	if testkit.Race {
		t.Skip("slow, and nothing runs at the same time")
	}
	var c Clock
	for day := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 10000; day = day.AddDate(0, 0, 1) {
		if testing.Short() && day.Year() == 400 { // the calendar repeats itself
			day = day.AddDate(9200, 0, 0)
		}
		if got, want := string(c.AppendTime(nil, day)), stdTime(day); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
}

func TestEverySecondOfADay(t *testing.T) {
	midnight := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	for s := range 86400 {
		at := midnight.Add(time.Duration(s) * time.Second)
		if got, want := string(AppendTime(nil, at)), stdTime(at); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
}

func TestZones(t *testing.T) {
	at := time.Date(2024, 12, 31, 23, 59, 59, 120, time.UTC)
	var c Clock
	for offset := -maxOffset - 100; offset <= maxOffset+100; offset += 29 {
		at := at.In(time.FixedZone("", offset))
		if got, want := string(c.AppendTime(nil, at)), stdTime(at); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
	for _, offset := range []int{-59, -1, 1, 59, 60, maxOffset - 1, maxOffset, -maxOffset, 1 - maxOffset} {
		at := at.In(time.FixedZone("", offset))
		if got, want := string(c.AppendTime(nil, at)), stdTime(at); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Africa/Monrovia", "Australia/Lord_Howe"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Logf("%s is not to be had here: %v", name, err)
			continue
		}
		for range 10_000 {
			at := time.Unix(rand.Int64N(3e9)-1e9, rand.Int64N(1e9)).In(zone)
			if got, want := string(c.AppendTime(nil, at)), stdTime(at); got != want {
				t.Fatalf("%s: got %s, want %s", name, got, want)
			}
		}
	}
}

func TestNanoseconds(t *testing.T) {
	second := time.Date(2024, 2, 29, 1, 2, 3, 0, time.UTC)
	var c Clock
	check := func(nanos int) {
		at := second.Add(time.Duration(nanos))
		if got, want := string(c.AppendTime(nil, at)), stdTime(at); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
	for unit := 1; unit < 1e9; unit *= 10 {
		for n := range 1000 {
			if n*unit < 1e9 {
				check(n * unit)
			}
		}
	}
	for range 200_000 {
		check(rand.IntN(1e9))
	}
}

// A clock must not show a second of another year, nor the zero second before it is set.
func TestClockIsPure(t *testing.T) {
	var c Clock
	first := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, at := range []time.Time{first, first, first.Add(-1), first, time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC), first,
		time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -3600)), {}, first} {
		if got, want := string(c.AppendTime(nil, at)), string(AppendTime(nil, at)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
