# make demo    run the batch pipeline over this repository's own files
# make test    everything that must hold: formatting, vet, staticcheck, race
#              detector, allocations, a few seconds of each fuzz target, import
#              rules, examples, and the light tests against real servers
# make bench   the library beside its peers, one table
# make soak    a server under load for five minutes: what telemetry costs it
# make slogtel-bench   the command on a gigabyte, beside jq
# make interop-heavy   the servers that take minutes to build
# make picture         the picture of the README, from a real run
# make help    all targets

GO         ?= go
FUZZTIME   ?= 3s
BENCHROUNDS ?= 11
BENCHTIME  ?= 30ms
# staticcheck runs from the module cache; it is not a dependency of the library.
STATICCHECK = $(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: help demo test check unit race wordsize fuzz interop interop-heavy soak bench slogtel-bench picture need-go

help:
	@sed -n 's/^# //p;/^$$/q' Makefile

need-go:
	@command -v $(GO) >/dev/null || { echo "make: Go 1.26 or newer is missing: install it and put it on the PATH" >&2; exit 1; }

demo: need-go
	$(GO) run ./examples/batch

test: check unit race wordsize fuzz interop

# Modules of their own keep what only some need out of the library's go.mod.
MODULES = . reporters/prometheus slogtel/oteltel examples/otel

check: need-go
	@out=$$(gofmt -l .) && test -z "$$out" || { echo "not formatted, run gofmt -w on:" >&2; echo "$$out" >&2; exit 1; }
	@set -e; for module in $(MODULES) interop; do echo "vet and staticcheck $$module"; \
		(cd $$module && $(GO) vet ./... && $(STATICCHECK) ./...); done

# Allocation tests need a build without the race detector; so does what takes long.
unit: need-go
	@set -e; for module in $(MODULES); do (cd $$module && $(GO) test ./...); done

race: need-go
	@set -e; for module in $(MODULES); do (cd $$module && $(GO) test -race -short ./...); done

# Words of 32 bits, where a computer with words of 64 can run such programs.
wordsize: need-go
	@case "$$($(GO) env GOOS GOARCH | paste -sd/ -)" in \
		linux/amd64) GOARCH=386 CGO_ENABLED=0 $(GO) test -short ./scope ./slogtel ./internal/... ./handlers ./reporters ./reporters/statsd ./cmd/slogtel/internal/events;; \
		*) echo "not linux/amd64: the tests on 32 bits are left out";; \
	esac

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
	cd interop && $(GO) test ./...

# Real Loki and OpenTelemetry Collector: minutes to build the first time.
interop-heavy: need-go
	cd interop && SLOGTEL_INTEROP_HEAVY=1 $(GO) test -timeout 60m ./shipping

# What telemetry costs a server under load, for five minutes. Needs wrk.
soak: need-go
	cd interop && $(GO) run ./soak

bench: need-go
	@set -e; tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; cd interop; $(GO) test -c -o "$$tmp/bench.test" ./bench; \
		for round in $$(seq $(BENCHROUNDS)); do \
			"$$tmp/bench.test" -test.run '^$$' -test.bench . -test.benchtime $(BENCHTIME); \
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

# The picture of the README, from a real run in a pseudo-terminal, without what a progress
# bar has overwritten. Needs script (Debian: bsdutils). freeze runs from the module cache.
FREEZE = $(GO) run github.com/charmbracelet/freeze@v0.2.2
picture: need-go
	@command -v script >/dev/null || { echo "make picture: the command script is missing (Debian package bsdutils)" >&2; exit 1; }
	@tmp=$$(mktemp -d) && trap 'rm -rf "$$tmp"' EXIT && $(GO) build -o "$$tmp/batch" ./examples/batch && \
	script -qec "stty cols 118; $$tmp/batch -v -local-speed 150 -telemetry $$tmp/telemetry.jsonl -out $$tmp/result.json scope/context.go scope/name.go no-such-file.go" /dev/null </dev/null | \
	sed "s#$$tmp/##g; s/\r\$$//; s/.*\r//" | $(FREEZE) --language ansi --window --background '#12161d' --font.family monospace --output testdata/console.svg
