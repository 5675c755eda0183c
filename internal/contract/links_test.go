package contract

import (
	"go/ast"
	"go/doc"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// unresolved is a link to a Go name, as it is left in the text where there is no such name.
var unresolved = regexp.MustCompile(`\[\*?([a-z]\w*\.)?[A-Z]\w*(\.[A-Z]\w*)?\]`)

// Each link in the documentation of a package that an app can import leads to a name that
// there is.
func TestDocLinks(t *testing.T) {
	packages := 0
	for _, folder := range []string{"scope", "slogtel", "handlers", "reporters"} {
		err := filepath.WalkDir(filepath.Join("../..", folder), func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && d.Name() != "testdata" && checkLinks(t, path) {
				packages++
			}
			return err
		})
		require.NoError(t, err)
	}
	assert.Greater(t, packages, 15)
}

// checkLinks reports whether there is a package at dir.
func checkLinks(t *testing.T, dir string) bool {
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	fset := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, f)
	}
	if len(files) == 0 || files[0].Name.Name == "main" {
		return false
	}
	p, err := doc.NewFromFiles(fset, files, "github.com/slogtel/telemetry/"+filepath.ToSlash(dir))
	require.NoError(t, err)
	check := func(name, text string) {
		for _, link := range unresolved.FindAllString(plainText(p.Parser().Parse(text).Content), -1) {
			t.Errorf("%s: the documentation of %s links to %s, which is not there", dir, name, link)
		}
	}
	check("the package", p.Doc)
	funcs := p.Funcs
	values := append(p.Consts, p.Vars...)
	for _, typ := range p.Types {
		check(typ.Name, typ.Doc)
		funcs = append(append(funcs, typ.Funcs...), typ.Methods...)
		values = append(append(values, typ.Consts...), typ.Vars...)
	}
	for _, f := range funcs {
		check(f.Name, f.Doc)
	}
	for _, v := range values {
		check(strings.Join(v.Names, ", "), v.Doc)
	}
	return true
}

// plainText is the text of the blocks that is neither code nor a link.
func plainText(blocks []comment.Block) string {
	var b strings.Builder
	add := func(texts []comment.Text) {
		for _, text := range texts {
			if plain, ok := text.(comment.Plain); ok {
				b.WriteString(string(plain))
			}
		}
		b.WriteByte('\n')
	}
	for _, block := range blocks {
		switch block := block.(type) {
		case *comment.Paragraph:
			add(block.Text)
		case *comment.Heading:
			add(block.Text)
		case *comment.List:
			for _, item := range block.Items {
				b.WriteString(plainText(item.Content))
			}
		}
	}
	return b.String()
}
