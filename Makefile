# make demo    run the batch pipeline over this repository's own files
# make test    what a change must pass, in a minute or two: formatting, vet, and the
#              short tests of all modules, with allocations, contracts and examples
# make ci      the rest: staticcheck, the API since the last release, the long tests, both
#              releases of Go, race detector, 32 bits, other processors and systems,
#              fuzzing, real servers
# make bench   the library beside its peers, on one processor and on two, one table
# make soak    a server under load for five minutes: what telemetry costs it
# make slogtel-bench   the command on a gigabyte, beside jq
# make interop-heavy   the servers that take minutes to build
# make picture         the picture of the README, from a real run
# make release V=v0.1.0   checks that all is ready, and tags it
# make help    all targets

GO         ?= go
FUZZTIME   ?= 1s
BENCHROUNDS ?= 11
BENCHTIME  ?= 30ms
# staticcheck runs from the module cache; it is not a dependency of the library.
STATICCHECK = $(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2

# The modules are those whose go.mod is in the checkout; go.work joins them, so that one go
# command takes the packages of all. Those of interop are no part of what users get.
ALL     := $(sort $(patsubst %/go.mod,%,$(shell find . -name testdata -prune -o -name vendor -prune -o -name '[._]?*' -prune -o -name go.mod -print)))
INTEROP := $(filter ./interop%,$(ALL))
MODULES := $(filter-out ./interop%,$(ALL))

# Without gin's codec of MessagePack, which takes as long to compile as half of all the rest.
TAGS = -tags nomsgpack

# packages are all those of some modules.
packages = $(addsuffix /...,$(1))

# Releases of Go besides the one that is installed, by what the go command is to be told.
RELEASES = GOTOOLCHAIN=go1.26.8 GOTOOLCHAIN=go1.27.3 GOEXPERIMENT=jsonv2

.PHONY: help demo test format vet unit ci staticcheck slogtelvet man api long safe releases race wordsize cross portable fuzz interop interop-heavy soak bench slogtel-bench picture release need-go

help:
	@sed -n 's/^# //p;/^$$/q' Makefile

need-go:
	@command -v $(GO) >/dev/null || { echo "make: Go 1.26 or newer is missing: install it and put it on the PATH" >&2; exit 1; }

demo: need-go
	$(GO) run ./examples/batch

test: format vet unit

format: need-go
	@out=$$(gofmt -l .) && test -z "$$out" || { echo "not formatted, run gofmt -w on:" >&2; echo "$$out" >&2; exit 1; }

vet: need-go
	$(GO) vet $(TAGS) $(call packages,$(MODULES))

# Allocation tests need a build without the race detector. What takes long is left to
# the target long.
unit: need-go
	$(GO) test -vet=off -short $(TAGS) $(call packages,$(MODULES))

# In this order, what fails soonest comes first.
ci: staticcheck slogtelvet api portable safe wordsize releases long race cross fuzz interop

staticcheck: need-go
	@if ! out=$$($(STATICCHECK) -version 2>&1); then echo "staticcheck is left out, it cannot be had here: $$(echo "$$out" | tail -n 1)"; exit 0; fi; \
	set -ex; $(GO) vet $(TAGS) $(call packages,$(ALL)); $(STATICCHECK) $(TAGS) $(call packages,$(ALL))

# Our own analyzers, on ourselves: spans, contexts, names.
slogtelvet: need-go
	@set -e; tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; $(GO) build -o "$$tmp/slogtelvet" ./cmd/slogtelvet; \
		"$$tmp/slogtelvet" -slogcontext=false $(call packages,$(MODULES))

# The man page, from the help texts.
man: need-go
	$(GO) run ./cmd/slogtel man >docs/slogtel.1

# What has changed in the API since the last release.
api: need-go
	$(GO) run ./internal/release api

long: need-go
	@GO="$(GO)" .ci/gotest $(TAGS) $(call packages,$(MODULES))

# Without package unsafe, as the build tag has it.
safe: need-go
	$(GO) test -short -tags slogtel_safe ./internal/slogattrs ./internal/event ./slogtel ./reporters/live

# encoding/json and slog differ between releases, and so must the library's JSON.
releases: need-go
	@installed=GOTOOLCHAIN=$$($(GO) env GOVERSION); set -e; for release in $(RELEASES); do \
		if test "$$release" = "$$installed"; then continue; fi; \
		if ! out=$$(env $$release $(GO) list std 2>&1 >/dev/null); then echo "$$release is left out, it cannot be had here: $$(echo "$$out" | tail -n 1)"; continue; fi; \
		echo "$$release"; env $$release $(GO) test -short $(LIBRARY); \
	done

race: need-go
	@if ! out=$$($(GO) test -race -run '^$$' ./scope 2>&1); then echo "the race detector is left out, it does not work here: $$(echo "$$out" | tail -n 1)"; exit 0; fi; \
	$(GO) test -race -short $(TAGS) $(LIBRARY) ./cmd/slogtel/... $(call packages,$(filter-out . ./cmd/slogtelvet ./examples/otel,$(MODULES)))

# The packages that an app links, and what they are made of.
LIBRARY = ./scope/... ./slogtel/... ./handlers/... ./reporters/... ./internal/...

# Words of 32 bits, on the first of two processors that this machine can run or emulate.
wordsize: need-go
	@set -e; for arch in 386/i386 arm/arm; do \
		if ! runner=$$(.ci/runner $${arch%/*} $${arch#*/}); then continue; fi; \
		echo "32 bits: $${arch%/*}$${runner:+ on }$$runner"; \
		GOOS=linux GOARCH=$${arch%/*} CGO_ENABLED=0 $(GO) test -short -timeout 30m $${runner:+-exec} $$runner $(LIBRARY) ./cmd/slogtel/internal/events; \
		exit 0; \
	done; echo "the tests on 32 bits are left out"

# The short tests on arm64, which fuses a multiplication and an addition, and on s390x,
# whose words begin with the other end.
cross: need-go
	@set -e; for arch in arm64/aarch64 s390x/s390x; do \
		if ! runner=$$(.ci/runner $${arch%/*} $${arch#*/}); then echo "the tests on $${arch%/*} are left out"; continue; fi; \
		echo "$${arch%/*}$${runner:+ on }$$runner"; \
		case $$arch in arm64/*) packages="$(LIBRARY) ./cmd/slogtel/internal/events ./cmd/slogtel/internal/collect";; *) packages="./handlers/... ./reporters/... ./internal/...";; esac; \
		GOOS=linux GOARCH=$${arch%/*} CGO_ENABLED=0 $(GO) test -short -timeout 30m $${runner:+-exec} $$runner $$packages; \
	done

# All modules must build, and pass vet, for Windows, and the main one for the other systems
# that it is not tested on. Where a module has a single command, go build would leave it in the folder.
portable: need-go
	@set -e; for system in windows/amd64 darwin/arm64 freebsd/amd64 js/wasm; do echo "build and vet $$system"; \
		export GOOS=$${system%/*} GOARCH=$${system#*/} CGO_ENABLED=0; \
		case $$GOOS in windows) packages="$(call packages,$(MODULES))";; *) packages=./...;; esac; \
		$(GO) build $(TAGS) -o /dev/null $$packages; $(GO) vet $(TAGS) $$packages; \
	done

# Each fuzz target for FUZZTIME. What a target finds, go test writes to its
# testdata/fuzz: commit it with the fix. Before Go 1.27 a run may also end, with nothing
# found, in "context deadline exceeded" (https://go.dev/issue/75804): it is run again,
# twice at most.
fuzz: need-go
	@set -e; for file in $$(grep -rlE '^func Fuzz' --include='*_test.go' . | sort); do \
		dir=$$(dirname $$file); \
		for target in $$(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p' $$file); do \
			for try in 1 2 3; do \
				echo "fuzz $$dir $$target"; \
				if out=$$(cd $$dir && $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 5x . 2>&1); then break; fi; \
				echo "$$out"; \
				case "$$try$$out" in \
					3*|*"Failing input"*) exit 1;; \
					*"    context deadline exceeded"*) ;; \
					*) exit 1;; \
				esac; \
			done; \
			echo "$$out" | tail -n 1; \
		done; \
	done

# The light tests against real servers. Those that take minutes to build have
# targets of their own.
interop: need-go
	@GO="$(GO)" .ci/gotest $(call packages,$(INTEROP))

# The real OpenTelemetry Collector and Jaeger: minutes to build the first time.
interop-heavy: need-go
	@SLOGTEL_INTEROP_HEAVY=1 GO="$(GO)" .ci/gotest -timeout 60m ./interop/shipping ./interop/otel

# What telemetry costs a server under load, for five minutes. Needs wrk.
soak: need-go
	cd interop && $(GO) run ./soak

bench: need-go
	@set -e; tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; cd interop; $(GO) test -c -o "$$tmp/bench.test" ./bench; \
		for round in $$(seq $(BENCHROUNDS)); do \
			"$$tmp/bench.test" -test.run '^$$' -test.bench . -test.benchtime $(BENCHTIME) -test.cpu 1,2; \
		done | $(GO) run ./bench/table

# slogtel report on a gigabyte that the library wrote, beside jq, which must give the
# same counts and sums. Needs jq, GNU time and 1 GB of space in the temporary folder.
slogtel-bench: need-go
	@command -v jq >/dev/null && test -x /usr/bin/time || { echo "make slogtel-bench: jq or time is missing (Debian packages jq and time)" >&2; exit 1; }
	@set -e; tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; $(GO) build -o "$$tmp/slogtel" ./cmd/slogtel; \
		$(GO) run ./cmd/slogtel/internal/gen -size 1e9 -o "$$tmp/telemetry.jsonl"; cat "$$tmp/telemetry.jsonl" >/dev/null; \
		for run in 1 2 3; do /usr/bin/time -f "slogtel report: %e s, %U s of CPU, %M KB" "$$tmp/slogtel" report --json "$$tmp/telemetry.jsonl" >"$$tmp/slogtel.json"; done; \
		/usr/bin/time -f "jq: %e s, %U s of CPU, %M KB" jq -nc -f cmd/slogtel/testdata/report.jq "$$tmp/telemetry.jsonl" >"$$tmp/jq.json"; \
		jq -nr --slurpfile slogtel "$$tmp/slogtel.json" --slurpfile jq "$$tmp/jq.json" -f cmd/slogtel/testdata/compare.jq

# Checks that all is ready for the release V, as v0.1.0, and tags it. Nothing is pushed.
release: need-go
	$(GO) run ./internal/release tag $(V)

# The picture of the README, from a real run in a pseudo-terminal, without what a progress
# bar has overwritten. Needs script (Debian: bsdutils). freeze runs from the module cache.
FREEZE = $(GO) run github.com/charmbracelet/freeze@v0.2.2
picture: need-go
	@command -v script >/dev/null || { echo "make picture: the command script is missing (Debian package bsdutils)" >&2; exit 1; }
	@tmp=$$(mktemp -d) && trap 'rm -rf "$$tmp"' EXIT && $(GO) build -o "$$tmp/batch" ./examples/batch && \
	script -qec "stty cols 118; $$tmp/batch -v -local-speed 150 -telemetry $$tmp/telemetry.jsonl -out $$tmp/result.json scope/context.go scope/name.go no-such-file.go" /dev/null </dev/null | \
	sed "s#$$tmp/##g; s/\r\$$//; s/.*\r//" | $(FREEZE) --language ansi --window --background '#12161d' --font.family monospace --output testdata/console.svg
