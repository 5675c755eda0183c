package allow

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/slogtel"
)

func newList(t testing.TB, keys ...string) *List {
	l, err := New("Keys", "tag", 32, keys, func(key string) string { return strings.ReplaceAll(key, ".", "_") })
	require.NoError(t, err)
	return l
}

func TestNew(t *testing.T) {
	l := newList(t, "model", "http.status", slogtel.KeyError)
	assert.Equal(t, 3, l.Len())
	assert.Equal(t, "http_status", l.Name(1))
	assert.Equal(t, 1, l.ByName("http_status"))
	assert.Equal(t, -1, l.ByName("http.status"))
	assert.Equal(t, 2, l.Failed())
	assert.Equal(t, -1, newList(t, "a").Failed())

	for want, keys := range map[string][]string{
		"3 Keys, more than 2":                     {"a", "b", "c"},
		"Keys[1] is empty":                        {"a", ""},
		`Keys[0]: "scope" is part of`:             {"scope"},
		`Keys[0]: "raw_preview" is part of`:       {"raw_preview"},
		`Keys[0]: "sample_rate" is part of`:       {"sample_rate"},
		`Keys[0]: "unit" is part of`:              {"unit"},
		`Keys[0]: "canceled" is part of`:          {"canceled"},
		`Keys: "a.b" and "a_b" both become the t`: {"a.b", "a_b"},
	} {
		_, err := New("Keys", "tag", 2, keys, func(key string) string { return strings.ReplaceAll(key, ".", "_") })
		assert.ErrorContains(t, err, want)
	}
}

type lazy struct{ v slog.Value }

func (l lazy) LogValue() slog.Value { return l.v }

func TestFind(t *testing.T) {
	group := slog.Group
	deep := slog.Int("x", 1)
	for range maxDepth {
		deep = group("", deep)
	}
	for i, c := range []struct {
		keys, open string
		attrs      []slog.Attr
		want       string
	}{
		{"", "", []slog.Attr{slog.Int("a", 1)}, ""},
		{"a", "", nil, ""},
		{"a", "", []slog.Attr{slog.Int("b", 1), slog.Int("a", 2), slog.Int("a", 3)}, "0=2 0=3"},
		{"a b", "", []slog.Attr{slog.Int("b", 1), slog.Int("a", 2)}, "1=1 0=2"},
		{"a", "", []slog.Attr{group("a", slog.Int("b", 1))}, ""},
		{"a a.b", "", []slog.Attr{group("a", slog.Int("b", 1))}, "1=1"},
		{"a.b.c", "", []slog.Attr{group("a", group("b", slog.Int("c", 1), slog.Int("d", 2)), slog.Int("b.c", 3)), slog.Int("a.b.c", 4)}, "0=1 0=3 0=4"},
		{"a", "", []slog.Attr{group("", slog.Int("a", 1))}, "0=1"},
		{"a.b", "", []slog.Attr{group("a", group("", slog.Int("b", 1)))}, "0=1"},
		{"a.b", "", []slog.Attr{slog.Any("a", lazy{slog.GroupValue(slog.Any("b", lazy{slog.IntValue(1)}))})}, "0=1"},
		{"a", "", []slog.Attr{slog.Any("a", lazy{slog.GroupValue(slog.Int("b", 1))})}, ""},
		{"a.b", "", []slog.Attr{slog.Int("a", 1), slog.Int("b", 2), group("b", slog.Int("a", 3))}, ""},
		{"a.b b", "a.", []slog.Attr{slog.Int("b", 1)}, "0=1"},
		{"a.b.c", "a.", []slog.Attr{group("b", slog.Int("c", 1))}, "0=1"},
		{"error", "", []slog.Attr{slog.String("error", "x")}, ""},
		{"x", "", []slog.Attr{deep}, "0=1"},
		{"x", "", []slog.Attr{group("", deep)}, ""},
	} {
		l := newList(t, strings.Fields(c.keys)...)
		var got []string
		found := func(slot int, v slog.Value) { got = append(got, fmt.Sprint(slot, "=", v)) }
		l.Find([]byte(c.open), c.attrs, found)
		assert.Equal(t, c.want, strings.Join(got, " "), "case %d", i)
	}
}

func TestFindDoesNotAllocate(t *testing.T) {
	l := newList(t, "a.b", "c")
	attrs := []slog.Attr{slog.Group("a", slog.Int("b", 1)), slog.String("c", "text"), slog.Int("d", 1)}
	sum := 0
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		l.Find(nil, attrs, func(slot int, _ slog.Value) { sum += slot })
	}))
	assert.Positive(t, sum)
}

func TestLists(t *testing.T) {
	l := newList(t, "a.b", "c", "error")
	for key, want := range map[string]bool{"a": true, "a.b": true, "c": true, "": true, "b": false, "a.": false, "a.b.c": false, "cc": false, "error": true} {
		begin, ok := l.Lists(key)
		assert.Equal(t, want, ok, key)
		if ok {
			assert.Equal(t, key, begin)
		}
	}
}
