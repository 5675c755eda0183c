package sqltel

import (
	"database/sql"
	"database/sql/driver"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// Drivers with a NamedValueChecker are given values of any type.
func TestWithoutArg(t *testing.T) {
	type email string
	text, number, name := "ann@example.com", 4711, email("ann@example.com")
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, arg := range []any{text, name, &text, &name, []string{"x", text}, append(make([]string, 1000), text), sql.NullString{String: text, Valid: true}, []byte(text)} {
		assert.Equal(t, "duplicate key (?)", withoutArg("duplicate key (ann@example.com)", arg, maxArgDepth), "%T", arg)
	}
	for _, arg := range []any{number, int32(number), uint16(number), &number, sql.NullInt64{Int64: 4711, Valid: true}, []int{1, number}} {
		assert.Equal(t, "value ? is taken", withoutArg("value 4711 is taken", arg, maxArgDepth), "%T", arg)
	}
	assert.Equal(t, "at ?", withoutArg("at 2026-01-02T03:04:05Z", at, maxArgDepth))
	for _, arg := range []any{nil, (*string)(nil), panics{}, struct{ A int }{1}, []any{nil}} {
		assert.Equal(t, "text 1", withoutArg("text 1", arg, maxArgDepth))
	}
}

type panics struct{ sql.NullString }

func (panics) Value() (driver.Value, error) { panic("no value") }
