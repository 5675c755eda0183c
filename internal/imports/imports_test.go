// Package imports holds the rules of who may import whom.
package imports

import (
	"encoding/json"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/slogtel/telemetry/"

// rules say for each folder, and those below it, which packages its non-test code
// may import besides the standard library and itself. The longest folder wins. A
// path with no dot in its first element is one of this module; one that ends with a
// slash stands for all packages below it.
var rules = map[string][]string{
	"scope":                        {},
	"internal":                     {"internal/", fieldLibraries},
	"internal/event":               {"scope", "internal/"},
	"internal/forward":             {"scope", "internal/slogattrs"},
	"internal/roots":               {"scope"},
	"internal/tracecontext":        {"scope"},
	"internal/secrets/secretstest": {"internal/secrets"},
	"internal/routertest":          {"slogtel", "slogtel/httptel", "slogtel/slogteltest", "scope", fieldLibraries},
	"slogtel":                      {"scope", "internal/", "github.com/samber/slog-multi"},
	"slogtel/preview":              {"internal/", fieldLibraries},
	"slogtel/httptel":              {"slogtel", "scope", "internal/"},
	"slogtel/httptel/chi":          {"slogtel", "slogtel/httptel", "github.com/go-chi/chi/v5"},
	"slogtel/httptel/gorilla":      {"slogtel", "slogtel/httptel", "github.com/gorilla/mux"},
	"slogtel/httptel/gin":          {"slogtel", "slogtel/httptel", "github.com/gin-gonic/gin"},
	"slogtel/httptel/echo":         {"slogtel", "slogtel/httptel", "internal/names", "github.com/labstack/echo/v4"},
	"slogtel/httptel/echo5":        {"slogtel", "slogtel/httptel", "github.com/labstack/echo/v5"},
	"slogtel/llmtel":               {"slogtel", "slogtel/preview", "slogtel/httptel", "internal/"},
	"slogtel/slogteltest":          {"slogtel", "scope", "internal/"},
	"slogtel/runtimetel":           {"slogtel"},
	"slogtel/sqltel":               {"slogtel", "scope", "internal/"},
	"slogtel/grpctel":              {"slogtel", "scope", "internal/", "google.golang.org/grpc"},
	"handlers":                     {"scope", "internal/", "github.com/samber/slog-multi"},
	"reporters":                    {"slogtel", "scope", "handlers", "handlers/", "internal/", fieldLibraries},
	"reporters/live":               {"slogtel", "scope", "handlers/redact", "internal/", "github.com/samber/slog-multi"},
	"reporters/fromenv":            {"slogtel", "scope", "handlers", "handlers/", "reporters/", "internal/"},
	"reporters/prometheus":         {"slogtel", "scope", "handlers", "internal/", "github.com/prometheus/client_golang"},
	"cmd":                          {anything},
	"examples":                     {anything},
}

// programsOnly are modules that go.mod has for programs of this repository. No package
// that an app can import may have them below it.
var programsOnly = []string{
	"github.com/urfave/cli/v3", "github.com/klauspost/compress", "github.com/google/pprof", "github.com/schollz/progressbar/v3",
	"golang.org/x/term", "charm.land/bubbletea", "github.com/charmbracelet", "github.com/xo/terminfo", "github.com/muesli/cancelreader",
	"github.com/clipperhouse", "github.com/mattn/go-runewidth", "github.com/lucasb-eyer/go-colorful",
}

// heavy are modules that would make each app larger by megabytes.
var heavy = []string{"google.golang.org/protobuf", "github.com/DataDog/sketches-go"}

const (
	fieldLibraries = "a library of the field" // any package of another module
	anything       = "anything"
)

type listed struct {
	ImportPath string
	Imports    []string
}

func TestImports(t *testing.T) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	require.NoError(t, err)
	packages := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); packages++ {
		var p listed
		require.NoError(t, dec.Decode(&p))
		folder := strings.TrimPrefix(p.ImportPath, module)
		rule, ok := ruleFor(folder)
		assert.True(t, ok, "no rule for %s: add one to this test, from the design", folder)
		for _, imported := range p.Imports {
			assert.True(t, allowed(rule, folder, imported), "%s must not import %s", folder, imported)
		}
	}
	assert.Greater(t, packages, 5)
}

// What needs unsafe is in one package, which a build tag switches to the public API.
func TestUnsafeIsInOnePackage(t *testing.T) {
	const only = module + "internal/slogattrs"
	for tags, want := range map[string][]string{"": {only}, "slogtel_safe": nil} {
		cmd := exec.Command("go", "list", "-tags="+tags, "-json=ImportPath,Imports", "./...")
		cmd.Dir = "../.."
		out, err := cmd.Output()
		require.NoError(t, err)
		var got []string
		for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
			var p listed
			require.NoError(t, dec.Decode(&p))
			if slices.Contains(p.Imports, "unsafe") {
				got = append(got, p.ImportPath)
			}
		}
		assert.Equal(t, want, got, "tags %q", tags)
	}
}

func TestAppsCompileNothingOfThePrograms(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "./scope/...", "./slogtel/...", "./handlers/...", "./reporters/...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	require.NoError(t, err)
	require.Contains(t, string(out), "github.com/lmittmann/tint")
	for _, m := range append(heavy, programsOnly...) {
		assert.NotContains(t, string(out), m)
	}
}

// An app compiles only what it imports: what some destinations need is not in a program that
// has only the console. (golang.org/x/text is in all of them, by way of slog-multi's lo.)
func TestAppsCompileOnlyWhatTheyUse(t *testing.T) {
	deps := func(pkg string) string {
		cmd := exec.Command("go", "list", "-deps", pkg)
		cmd.Dir = "../.."
		out, err := cmd.Output()
		require.NoError(t, err)
		return string(out)
	}
	const sketch = module + "internal/sketch\n"
	for _, pkg := range []string{"./reporters/console", "./reporters/jsonlines", "./examples/quickstart"} {
		got := deps(pkg)
		for _, heavy := range []string{sketch, "github.com/DataDog/", "google.golang.org/protobuf", "github.com/prometheus/"} {
			assert.NotContains(t, got, heavy, pkg)
		}
	}
	assert.Contains(t, deps("./reporters/memory"), sketch, "the name is still right")
}

func ruleFor(folder string) ([]string, bool) {
	for ; folder != "."; folder = path.Dir(folder) {
		if rule, ok := rules[folder]; ok {
			return rule, true
		}
	}
	return nil, false
}

func allowed(rule []string, folder, imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	if !strings.Contains(first, ".") {
		return true // standard library
	}
	own, ours := strings.CutPrefix(imported, module)
	if !ours {
		own = imported
	}
	for _, r := range rule {
		if r == anything || r == own || r == fieldLibraries && !ours ||
			!ours && strings.HasPrefix(own, r+"/") || ours && strings.HasSuffix(r, "/") && strings.HasPrefix(own, r) {
			return true
		}
	}
	return own == folder
}

func TestRulesCanFail(t *testing.T) {
	for _, tc := range []struct {
		folder, imported string
		want             bool
	}{
		{"scope", "strings", true},
		{"scope", module + "slogtel", false},
		{"scope", "github.com/samber/slog-multi", false},
		{"slogtel", module + "scope", true},
		{"slogtel", module + "reporters", false},
		{"slogtel", module + "handlers", false},
		{"handlers", module + "slogtel", false},
		{"handlers", module + "reporters", false},
		{"reporters", "github.com/lmittmann/tint", true},
		{"reporters/prometheus", "github.com/lmittmann/tint", false},
		{"reporters/prometheus", "github.com/prometheus/client_golang/prometheus", true},
		{"reporters/live", module + "handlers/redact", true},
		{"reporters/live", module + "reporters/memory", false},
		{"examples/batch", module + "reporters/statsd", true},
	} {
		rule, ok := ruleFor(tc.folder)
		require.True(t, ok)
		assert.Equal(t, tc.want, allowed(rule, tc.folder, tc.imported), "%s imports %s", tc.folder, tc.imported)
	}
}
