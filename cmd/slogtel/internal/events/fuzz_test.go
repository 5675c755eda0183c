package events

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/jsonlines"
)

// Any bytes: no panic, nothing lost, and the same with one worker and with several.
func FuzzReader(f *testing.F) {
	flat := strings.Join(written(f, jsonlines.Flat), "\n")
	f.Add([]byte(flat), uint16(0))
	f.Add([]byte(strings.Join(written(f, jsonlines.ECS), "\n")), uint16(100))
	for _, text := range wrapped(flat) {
		f.Add([]byte(text), uint16(2000))
	}
	f.Add([]byte("\x1f\x8b\x08\x00"), uint16(0))
	f.Add([]byte("\x28\xb5\x2f\xfd\x00\x00"), uint16(0))
	f.Add([]byte(strings.Repeat(`{"a":`, 500)), uint16(0))
	f.Fuzz(func(t *testing.T, data []byte, limit uint16) {
		var counts [2]Counts
		for i := range counts {
			bad := int64(0)
			o := Options{Inputs: []string{"-"}, Stdin: bytes.NewReader(data), Attrs: i == 0, MaxLine: int(limit), Workers: 2,
				OnBad: func(Position, error) { bad++ }}
			var sinks []*keeper
			sink := func() Sink { sinks = append(sinks, new(keeper)); return sinks[len(sinks)-1] }
			var err error
			if i == 0 {
				counts[i], err = ReadInOrder(t.Context(), o, sink())
			} else {
				counts[i], err = Read(t.Context(), o, sink)
			}
			if err != nil {
				require.True(t, Encoded(data), err)
			}
			c := counts[i]
			require.Equal(t, c.Read, c.Used+c.Filtered+c.Skipped+c.Bad)
			require.Equal(t, c.Bad, bad)
			require.Len(t, kept(sinks), int(c.Used))
		}
		require.Equal(t, counts[0], counts[1])
	})
}

// Memory does not grow with the input: many names, many attributes, long lines.
func TestMemoryIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 60 MB")
	}
	var most uint64
	n := 0
	sink := sinkFunc(func(*Event) {
		if n++; n%10_000 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
		}
	})
	c, err := ReadInOrder(t.Context(), Options{Inputs: []string{"-"}, Stdin: &manyNames{lines: 200_000}, Attrs: true}, sink)
	require.NoError(t, err)
	assert.EqualValues(t, 200_000, c.Used)
	assert.Less(t, most, uint64(80<<20))
}

type sinkFunc func(*Event)

func (f sinkFunc) Event(e *Event) { f(e) }

// manyNames is an input in which every line has a scope and a key that are new.
type manyNames struct {
	lines, n int
	rest     []byte
}

func (m *manyNames) Read(p []byte) (int, error) {
	for len(m.rest) < len(p) && m.n < m.lines {
		m.n++
		id := fmt.Sprintf("%0200d", m.n)
		m.rest = append(m.rest, strings.NewReplacer(`"a.b"`, `"a.`+id+`"`, `"model"`, `"`+id+`"`).Replace(timing)...)
		m.rest = append(m.rest, '\n')
	}
	if len(m.rest) == 0 {
		return strings.NewReader("").Read(p)
	}
	n := copy(p, m.rest)
	m.rest = m.rest[:copy(m.rest, m.rest[n:])]
	return n, nil
}
