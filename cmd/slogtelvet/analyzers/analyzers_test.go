package analyzers_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/slogtel/telemetry/cmd/slogtelvet/analyzers"
)

// Each analyzer reports what the comments of its program say, and nothing else, and its fixes
// make of the program what the file that ends in .golden holds. The programs are compiled with
// the real packages of this checkout.
func TestAnalyzers(t *testing.T) {
	programs(t)
	all := analyzers.All()
	if testing.Short() { // each reads the standard library anew
		all = []*analysis.Analyzer{analyzers.SpanEnd, analyzers.SlogContext}
	}
	for _, a := range all {
		t.Run(a.Name, func(t *testing.T) {
			require.NoError(t, analysis.Validate([]*analysis.Analyzer{a}))
			analysistest.RunWithSuggestedFixes(t, testdata(t), a, "./"+a.Name)
		})
	}
}

func testdata(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("testdata")
	require.NoError(t, err)
	return dir
}

// programs skips the test where the programs cannot be compiled: outside of a checkout.
func programs(t *testing.T) {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "./...")
	cmd.Dir = testdata(t)
	cmd.Env = append(os.Environ(), "GOWORK="+filepath.Join(cmd.Dir, "go.work"), "GOPROXY=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("the programs in testdata cannot be compiled here: %s", out)
	}
}
