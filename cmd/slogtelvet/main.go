// Slogtelvet finds telemetry that records less than it seems to, and moves logging calls to the
// context that they have in reach. Package analyzers says what each analyzer reports.
//
//	go install github.com/slogtel/telemetry/cmd/slogtelvet@latest
//
//	slogtelvet ./...                                 # all analyzers
//	slogtelvet -slogcontext=false ./...              # all but the migration
//	slogtelvet -slogcontext -fix ./...               # the migration alone, applied to the files
//	slogtelvet -slogcontext -fix -diff ./...         # what it would change
//	go vet -vettool=$(which slogtelvet) ./...        # within go vet, which caches
//	slogtelvet help spanend                          # what an analyzer reports
//
// Findings are written to standard error; the exit status is 3 if there are any, 0 if there are
// none or all were fixed. For golangci-lint see package plugin.
package main

import (
	"golang.org/x/tools/go/analysis/multichecker"

	"github.com/slogtel/telemetry/cmd/slogtelvet/analyzers"
)

// The checker also speaks the protocol of go vet -vettool.
func main() { multichecker.Main(analyzers.All()...) }
