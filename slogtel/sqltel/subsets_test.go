package sqltel

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The drivers that the differential test goes through. TestEverySubset adds all others.
var (
	conns = map[string]func(*fakeConn) driver.Conn{
		"none": func(c *fakeConn) driver.Conn { return c },
		"all":  allOfConn,
		"contexts": func(c *fakeConn) driver.Conn {
			return struct {
				*fakeConn
				cExecCtx
				cQueryCtx
				cPrepare
				cBegin
			}{c, cExecCtx{c}, cQueryCtx{c}, cPrepare{c}, cBegin{c}}
		},
		"before contexts": func(c *fakeConn) driver.Conn {
			return struct {
				*fakeConn
				cExec
				cQuery
			}{c, cExec{c}, cQuery{c}}
		},
		"queries and checks": func(c *fakeConn) driver.Conn {
			return struct {
				*fakeConn
				cQueryCtx
				cCheck
			}{c, cQueryCtx{c}, cCheck{c}}
		},
		"executes and resets": func(c *fakeConn) driver.Conn {
			return struct {
				*fakeConn
				cExecCtx
				cReset
			}{c, cExecCtx{c}, cReset{c}}
		},
		"validates": func(c *fakeConn) driver.Conn {
			return struct {
				*fakeConn
				cValid
			}{c, cValid{c}}
		},
		"resets and validates": func(c *fakeConn) driver.Conn {
			return struct {
				*fakeConn
				cReset
				cValid
			}{c, cReset{c}, cValid{c}}
		},
	}
	stmts = map[string]func(*fakeStmt) driver.Stmt{
		"none": func(s *fakeStmt) driver.Stmt { return s },
		"all":  allOfStmt,
		"checks": func(s *fakeStmt) driver.Stmt {
			return struct {
				*fakeStmt
				sCheck
			}{s, sCheck{s}}
		},
		"converts": func(s *fakeStmt) driver.Stmt {
			return struct {
				*fakeStmt
				sConvert
			}{s, sConvert{s}}
		},
	}
	rowsets = map[string]func(*fakeRows) driver.Rows{
		"none": func(r *fakeRows) driver.Rows { return r },
		"all":  allOfRows,
		"sets": func(r *fakeRows) driver.Rows {
			return struct {
				*fakeRows
				rSets
			}{r, rSets{r}}
		},
	}
)

func allOfConn(c *fakeConn) driver.Conn {
	return struct {
		*fakeConn
		cPing
		cPrepare
		cBegin
		cReset
		cValid
		cExecCtx
		cExec
		cQueryCtx
		cQuery
		cCheck
	}{c, cPing{c}, cPrepare{c}, cBegin{c}, cReset{c}, cValid{c}, cExecCtx{c}, cExec{c}, cQueryCtx{c}, cQuery{c}, cCheck{c}}
}

func allOfStmt(s *fakeStmt) driver.Stmt {
	return struct {
		*fakeStmt
		sExecCtx
		sQueryCtx
		sCheck
		sConvert
	}{s, sExecCtx{s}, sQueryCtx{s}, sCheck{s}, sConvert{s}}
}

func allOfRows(r *fakeRows) driver.Rows {
	return struct {
		*fakeRows
		rSets
		rScan
		rType
		rLength
		rNull
		rScale
	}{r, rSets{r}, rScan{r}, rType{r}, rLength{r}, rNull{r}, rScale{r}}
}

// TestEverySubset runs the differential test with a type for every subset of the optional
// interfaces of connections (1024), statements (16) and rows (64): ten thousand lines, which
// are written here and given to the go command as a file of this package.
func TestEverySubset(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a thousand types")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skipf("there is no go command: %v", err)
	}
	here, err := os.Getwd()
	require.NoError(t, err)
	dir := t.TempDir()
	file := filepath.Join(dir, "every_test.go")
	var b strings.Builder
	b.WriteString("package sqltel\n\nimport \"database/sql/driver\"\n\nfunc init() {\n")
	every(&b, "conns", "fakeConn", "Conn", strings.Fields("cPing cPrepare cBegin cReset cValid cExecCtx cExec cQueryCtx cQuery cCheck"))
	every(&b, "stmts", "fakeStmt", "Stmt", strings.Fields("sExecCtx sQueryCtx sCheck sConvert"))
	every(&b, "rowsets", "fakeRows", "Rows", strings.Fields("rSets rScan rType rLength rNull rScale"))
	b.WriteString("}\n")
	require.NoError(t, os.WriteFile(file, []byte(b.String()), 0o600))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(here, "every_test.go"): file}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600))
	cmd := exec.CommandContext(t.Context(), "go", "test", "-short", "-vet=off", "-v", "-run", "^TestLikeTheDriver$|^TestHowMany$", "-overlay", filepath.Join(dir, "overlay.json"), ".")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", tail(out))
	require.Contains(t, string(out), "1032 connections, 20 statements")
}

// TestHowMany tells TestEverySubset that its types were there.
func TestHowMany(t *testing.T) {
	t.Logf("%d connections, %d statements, %d rows", len(conns), len(stmts), len(rowsets))
}

// every writes statements that add to the map a constructor for each subset of the interfaces.
func every(b *strings.Builder, into, fake, kind string, interfaces []string) {
	for set := range 1 << len(interfaces) {
		fields, values := "*"+fake, "x"
		for i, name := range interfaces {
			if set>>i&1 == 1 {
				fields += "; " + name
				values += ", " + name + "{x}"
			}
		}
		fmt.Fprintf(b, "\t%s[%q] = func(x *%s) driver.%s { return struct{ %s }{%s} }\n", into, fmt.Sprintf("subset %d", set), fake, kind, fields, values)
	}
}

func tail(b []byte) []byte { return b[max(0, len(b)-8192):] }
