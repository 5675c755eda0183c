// Package plugin makes the analyzers a linter of golangci-lint, by way of its module plugins. The
// file .custom-gcl.yml has golangci-lint custom build a binary with them:
//
//	version: v2.1.0 # of golangci-lint
//	plugins:
//	  - module: github.com/slogtel/telemetry/cmd/slogtelvet
//	    import: github.com/slogtel/telemetry/cmd/slogtelvet/plugin
//	    version: v0.1.0
//
// and .golangci.yml switches them on:
//
//	version: "2"
//	linters:
//	  enable: [slogtelvet]
//	  settings:
//	    custom:
//	      slogtelvet:
//	        type: module
//	        settings:
//	          disable: [slogcontext] # the migration
//
// The settings are those of [Settings]. A name that is none of an analyzer is an error.
package plugin

import (
	"fmt"
	"slices"
	"strings"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/slogtel/telemetry/cmd/slogtelvet/analyzers"
)

// Name is that of the linter.
const Name = "slogtelvet"

func init() { register.Plugin(Name, New) }

// Settings select analyzers by name. With neither list all of them run.
type Settings struct {
	Enable  []string `json:"enable"`  // only these
	Disable []string `json:"disable"` // all but these
}

// New is called by golangci-lint with the settings of its configuration.
func New(settings any) (register.LinterPlugin, error) {
	s, err := register.DecodeSettings[Settings](settings)
	if err != nil {
		return nil, fmt.Errorf("slogtelvet: %w", err)
	}
	var l linter
	var known []string
	for _, a := range analyzers.All() {
		known = append(known, a.Name)
		if (len(s.Enable) == 0 || slices.Contains(s.Enable, a.Name)) && !slices.Contains(s.Disable, a.Name) {
			l = append(l, a)
		}
	}
	for _, name := range slices.Concat(s.Enable, s.Disable) {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("slogtelvet: no analyzer is called %q; there are %s", name, strings.Join(known, ", "))
		}
	}
	return l, nil
}

type linter []*analysis.Analyzer

func (l linter) BuildAnalyzers() ([]*analysis.Analyzer, error) { return l, nil }
func (l linter) GetLoadMode() string                           { return register.LoadModeTypesInfo }
