package sqltel

import (
	"log/slog"
	"slices"
	"strings"

	"github.com/slogtel/telemetry/scope"
)

// What is remembered at most of a database, of names.Most statements and names. Statements beyond
// that are looked at anew each time; tables beyond it are in no name.
const (
	maxKey   = 4096 // bytes of a statement
	maxTable = 128  // bytes of a table's name; a longer one is none
)

// A shape is what is recorded of a statement, whoever executes it.
type shape struct {
	query, exec string      // names of scopes
	attrs       []slog.Attr // clipped
}

func (t *tracer) shapeOf(query string) *shape {
	if s, ok := t.shapes.Get(query); ok {
		return s
	}
	operation, table := parse(query, t.strict)
	s := &shape{query: "sql.query", exec: "sql.exec"}
	attrs := slices.Clip(t.attrs)
	if operation != "" {
		s.query = t.nameOf(operation, table)
		s.exec = s.query
		attrs = append(attrs, slog.String(keyOperation, strings.ToUpper(operation)))
	}
	if table != "" {
		attrs = append(attrs, slog.String(keyCollection, strings.Clone(table)))
	}
	if t.opts.Statement {
		attrs = append(attrs, slog.String(keyText, textOf(query, t.strict)))
	}
	s.attrs = slices.Clip(attrs)
	if len(query) <= maxKey {
		t.shapes.Add(query, func(string) *shape { return s })
	}
	return s
}

// nameOf returns the name of a scope, without the table where there are too many of them.
// Of a qualified table it has the last part: a schema may be that of a tenant.
func (t *tracer) nameOf(operation, table string) string {
	short := "sql." + operation
	table = scope.Sanitize(strings.ReplaceAll(table[strings.LastIndexByte(table, '.')+1:], ".", "_"))
	if table == unnamed {
		return short
	}
	name := short + "." + table
	if !t.isName(name) {
		return short
	}
	return name
}

// unnamed is what Sanitize makes of nothing.
var unnamed = scope.Sanitize("")

// operations are those that a scope is named by. A statement that begins otherwise is
// of unknown shape.
var operations = func() map[string]bool {
	m := make(map[string]bool)
	for word := range strings.FieldsSeq(`select insert update delete replace merge upsert truncate create alter drop rename copy
		call exec execute explain analyze vacuum set reset show pragma begin start commit end rollback savepoint release lock
		unlock grant revoke values table use describe refresh reindex comment listen notify unlisten declare fetch close
		prepare deallocate discard do optimize attach detach`) {
		m[word] = true
	}
	return m
}()

// tableAfter are words that stand before the table.
var tableAfter = map[string]string{"select": "from", "delete": "from", "insert": "into", "replace": "into", "merge": "into", "upsert": "into"}

// parse returns the operation of a statement, in lower case, and the first table that it is
// about, as it is written but without quotes; each "" where it is not clear. Of several statements the
// first counts.
func parse(query string, strict bool) (operation, table string) {
	const most = 16 << 10 // a table further on is not looked for
	p := parser{lexer: lexer{s: query[:min(len(query), most)], strict: strict}}
	for p.next(); p.is('('); p.next() {
	}
	verb := p.word()
	if verb == "with" {
		verb = p.find("select", "insert", "update", "delete", "merge", "replace", "values")
	}
	if !operations[verb] {
		return "", ""
	}
	p.next()
	before := tableAfter[verb]
	if before != "" {
		if p.find(before) == "" {
			return verb, ""
		}
		p.next()
	}
	switch verb {
	case "select":
		return verb, p.table(true)
	case "insert", "replace", "merge", "upsert", "delete", "copy":
	case "update":
		p.skip("or", "rollback", "abort", "replace", "fail", "ignore", "low_priority")
	case "truncate":
		p.skip("table")
	case "create", "alter", "drop":
		p.skip("or", "replace", "temp", "temporary", "unlogged", "global", "local", "foreign", "external", "virtual")
		if p.word() != "table" {
			return verb, ""
		}
		p.next()
		p.skip("if", "not", "exists")
	default:
		return verb, ""
	}
	return verb, p.table(false)
}

// parser reads a statement, token by token, without spaces and comments.
type parser struct {
	lexer
	kind kind
	text string
}

func (p *parser) next() {
	for {
		start := p.pos
		p.kind = p.lex()
		p.text = p.s[start:p.pos]
		if p.kind != space && p.kind != unclear {
			return
		}
	}
}

func (p *parser) is(c byte) bool { return p.kind == other && p.text[0] == c }

// word returns the token as a keyword, "" if it is none.
func (p *parser) word() string {
	const longest = 16
	if p.kind != word || len(p.text) > longest {
		return ""
	}
	return strings.ToLower(p.text)
}

func (p *parser) skip(words ...string) {
	for slices.Contains(words, p.word()) {
		p.next()
	}
}

// find moves to one of the words, from the token on, outside of parentheses, in the
// same statement. In "a is distinct from b" the from is another word.
func (p *parser) find(words ...string) string {
	before := ""
	for depth := 0; p.kind != end && !p.is(';'); p.next() {
		w := p.word()
		switch {
		case p.is('('):
			depth++
		case p.is(')'):
			if depth--; depth < 0 {
				return ""
			}
		case depth == 0 && w != "" && before != "distinct" && slices.Contains(words, w):
			return w
		}
		before = w
	}
	return ""
}

// table reads the name of a table. What is followed by a parenthesis is a function,
// where there may be one.
func (p *parser) table(orFunction bool) string {
	p.skip("only", "table", "lateral")
	name := ""
	for {
		part := p.part()
		if part == "" || len(name)+len(part) >= maxTable {
			return ""
		}
		name += part
		if p.next(); !p.is('.') {
			break
		}
		name += "."
		p.next()
	}
	if orFunction && p.is('(') {
		return ""
	}
	return name
}

func (p *parser) part() string {
	switch {
	case p.kind == quoted && len(p.text) > 1:
		return p.text[1 : len(p.text)-1]
	case p.kind == word && isLetter(p.text[0]):
		return p.text
	case p.is('['):
		rest := p.s[p.pos:]
		if i := strings.IndexByte(rest, ']'); i > 0 {
			p.pos += i + 1
			return rest[:i]
		}
	}
	return ""
}
