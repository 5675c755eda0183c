package sqltel

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/names"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// Operation and table of statements, as in "select users".
var shapes = map[string]string{
	"SELECT id FROM users WHERE id = $1":                                               "select users",
	"  select *\n\tfrom\tusers u join roles r on r.id = u.role":                        "select users",
	"-- name: GetUser :one\nSELECT * FROM users":                                       "select users",
	"/* a; b ' */ SELECT/**/1/**/FROM/**/users":                                        "select users",
	"(SELECT a FROM users) UNION (SELECT a FROM roles)":                                "select users",
	"SELECT (SELECT max(x) FROM inner_t), 'from nowhere', \"from\" FROM users":         "select users",
	"SELECT extract(year FROM at), a IS DISTINCT FROM b FROM users":                    "select users",
	"SELECT * FROM (SELECT * FROM users) x":                                            "select ",
	"SELECT * FROM generate_series(1, 3)":                                              "select ",
	"SELECT * FROM public.users":                                                       "select public.users",
	`SELECT * FROM "Public"."Users"`:                                                   "select Public.Users",
	"SELECT * FROM `users` FOR UPDATE":                                                 "select users",
	"SELECT * FROM [dbo].[Users]":                                                      "select dbo.Users",
	"SELECT 1":                                                                         "select ",
	"SELECT * FROM ONLY users":                                                         "select users",
	"SELECT * FROM $1":                                                                 "select ",
	"WITH a AS (SELECT * FROM t), b(x) AS MATERIALIZED (SELECT 1) SELECT x FROM users": "select users",
	"WITH a AS (DELETE FROM t RETURNING *) INSERT INTO users SELECT * FROM a":          "insert users",
	"INSERT INTO users(name) VALUES ('x')":                                             "insert users",
	"INSERT OR REPLACE INTO users VALUES (1)":                                          "insert users",
	"insert into users select * from old":                                              "insert users",
	"REPLACE INTO users VALUES (1)":                                                    "replace users",
	"UPDATE users SET a = 1 FROM roles":                                                "update users",
	"UPDATE OR IGNORE users SET a = 1":                                                 "update users",
	"update only users set a = 1":                                                      "update users",
	"DELETE FROM users":                                                                "delete users",
	"MERGE INTO users USING x ON true":                                                 "merge users",
	"TRUNCATE TABLE users":                                                             "truncate users",
	"CREATE TEMPORARY TABLE IF NOT EXISTS users (id int)":                              "create users",
	"CREATE UNIQUE INDEX i ON users (id)":                                              "create ",
	"DROP TABLE IF EXISTS users":                                                       "drop users",
	"ALTER TABLE users ADD x int":                                                      "alter users",
	"COPY users FROM STDIN":                                                            "copy users",
	"CALL proc(1)":                                                                     "call ",
	"BEGIN; SELECT * FROM users":                                                       "begin ",
	"SELECT 1; DELETE FROM users":                                                      "select ",
	"PRAGMA journal_mode = wal":                                                        "pragma ",
	"VACUUM":                                                                           "vacuum ",
	"":                                                                                 " ",
	"hello world":                                                                      " ",
	"{'find': 'users'}":                                                                " ",
	"'unterminated":                                                                    " ",
	"SELECT * FROM пользователи":                                                       "select пользователи",
	"SELECT * FROM " + strings.Repeat("x", maxTable+1):                                 "select ",
	"SELECT * FROM":                                                                    "select ",
	"SELECT * FROM a.":                                                                 "select ",
	"SELECT * FROM [":                                                                  "select ",
	"((((":                                                                             " ",
	"SELECT \xff\xfe FROM \x00":                                                        "select ",
}

func TestParse(t *testing.T) {
	for query, want := range shapes {
		for _, strict := range []bool{true, false} {
			if strict && strings.Contains(query, "[") {
				continue // names in brackets are those of SQL Server
			}
			operation, table := parse(query, strict)
			assert.Equal(t, want, operation+" "+table, "%q", query)
		}
	}
}

func TestNamesAreBounded(t *testing.T) {
	tel, _ := slogteltest.New(t)
	tr := newTracer(newFake(), tel, nil)
	seen := map[string]bool{}
	for i := range 5000 {
		s := tr.shapeOf(fmt.Sprintf("select %d from t%d where x = '%d'", i, i, i))
		seen[s.query] = true
		assert.NoError(t, scope.Validate(s.query))
	}
	assert.LessOrEqual(t, len(seen), names.Most+1)
	assert.Equal(t, "sql.select", tr.shapeOf("select * from another").query)
	assert.Equal(t, "sql.select.t1", tr.shapeOf("select * from t1").query)
	huge := "select " + strings.Repeat("x", maxKey)
	other := newTracer(newFake(), tel, nil)
	assert.NotSame(t, other.shapeOf(huge), other.shapeOf(huge), "a huge statement is not kept")
}

func TestNames(t *testing.T) {
	tel, _ := slogteltest.New(t)
	tr := newTracer(newFake(), tel, nil)
	for query, want := range map[string]string{
		"SELECT * FROM tenant_17.Users": "sql.select.users",
		"SELECT * FROM `a b.c`":         "sql.select.c",
		"SELECT * FROM `12`":            "sql.select.x12",
		"SELECT * FROM пользователи":    "sql.select",
		"gibberish":                     "sql.query",
	} {
		assert.Equal(t, want, tr.shapeOf(query).query, query)
	}
	assert.Equal(t, "sql.exec", tr.shapeOf("gibberish").exec)
}

// Statements and what is left of them: with the rules of the standard, and with those that
// all databases have in common.
var texts = []struct{ in, strict, any string }{
	{"SELECT *  FROM users\n WHERE id = 17 AND name = 'O''Brien'", "SELECT * FROM users WHERE id = ? AND name = ?", ""},
	{"a = -1.5e+10, b = 0xFF, c = .5, d = 1_000, e = 1E5-2", "a = -?, b = ?, c = ?, d = ?, e = ?-?", ""},
	{"SELECT t1.c2, x3 FROM t1 LIMIT 10", "SELECT t1.c2, x3 FROM t1 LIMIT ?", ""},
	{"a = $1 AND b = ? AND c = :name AND d = @p1 AND e::text = f AND g = ?2 AND h = :1", "a = $1 AND b = ? AND c = :name AND d = @p1 AND e::text = f AND g = ?2 AND h = :1", ""},
	{"a[1:2]", "a[?:?]", ""},
	{"x -- secret\n+ y /* secret */ z", "x + y z", ""},
	{"x $$secret 'a$$ y $tag$secret $$ $tag$ z", "x ? y ? z", ""},
	{"x $tag$secret", "x ?", ""},
	{"E'a\\'secret' y N'secret' X'5ec3' U&'d\\0061'", "E? y N? X? U&?", ""},
	{"x '\u2019secret' \u00e9", "x ? \u00e9", ""},
	{"`name` = 'x'", "`name` = ?", ""},
	{`"name" = 'x'`, `"name" = ?`, "? = ?"},
	{`a #> '{x}'`, `a #> ?`, "a"},
	{"a # secret\n b", "a # secret b", "a b"},
	{"a --secret\n b", "a b", "a …"},
	{`x = 'it\'s secret'`, "x = …", ""},
	{`x = 'C:\\' OR 'secret'`, "x = …", ""},
	{`x = "it\"s secret"`, "x = \"it\\\"s secret…", "x = …"},
	{"x = 'secret", "x = …", ""},
	{"x /* secret", "x", ""},
	{"x /* a /* b */ secret */", "x …", ""},
	{"q'[it's secret]'", "q…", ""},
	{"[it's] = 'secret'", "", "…"},
	{"['a', 'b']", "[?, ?]", ""},
	{"", "", ""},
	{"   ", "", ""},
	{"select 1 -- ", "select ?", ""},
	{strings.Repeat("word ", 1000), strings.TrimSpace(strings.Repeat("word ", 1000))[:maxText] + "…", ""},
}

func TestText(t *testing.T) {
	for _, c := range texts {
		if c.any == "" && c.strict == "" && c.in != "" && strings.TrimSpace(c.in) != "" {
			t.Fatalf("%q has no expectation", c.in)
		}
		loose := c.any
		if loose == "" {
			loose = c.strict
		}
		assert.Equal(t, loose, textOf(c.in, false), "%q", c.in)
		if c.strict != "" || loose == "" {
			assert.Equal(t, c.strict, textOf(c.in, true), "%q", c.in)
		}
	}
}

// A literal never gets through, however a database would read the rest.
func FuzzText(f *testing.F) {
	for _, c := range texts {
		f.Add(c.in)
	}
	f.Fuzz(func(t *testing.T, query string) {
		for _, strict := range []bool{true, false} {
			l, covered := lexer{s: query, strict: strict}, 0
			for l.lex() != end {
				if l.pos <= covered {
					t.Fatalf("no progress at %d of %q", covered, query)
				}
				covered = l.pos
			}
			assert.Equal(t, len(query), covered)
			assert.LessOrEqual(t, len(textOf(query, strict)), maxText+len("…"))
			_, table := parse(query, strict)
			assert.LessOrEqual(t, len(table), maxTable)
			o := op{t: &tracer{strict: strict}, query: query}
			_ = o.clean("error: " + query)
			quoted := "select 'zqz" + strings.ReplaceAll(strings.ReplaceAll(query, `\`, ""), "'", "''") + "zqz' from t"
			if !strings.Contains(query, "zq") {
				assert.NotContains(t, textOf(quoted, strict), "zq")
				assert.NotContains(t, textOf("select 7"+strings.Repeat("1", 20)+" "+quoted, strict), "71")
			}
		}
	})
}
