package fromenv

import (
	"fmt"
	"log/slog"
	"math"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/slogtel/telemetry/handlers"
	"github.com/slogtel/telemetry/handlers/redact"
	"github.com/slogtel/telemetry/handlers/sample"
	"github.com/slogtel/telemetry/internal/switches"
	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/slogtel"
)

// The variables, and what is allowed in each.
const (
	varTelemetry = "SLOGTEL_TELEMETRY"
	varReporters = "SLOGTEL_REPORTERS"
	varLevel     = "SLOGTEL_LEVEL"
	varAggregate = "SLOGTEL_AGGREGATE"
	varSample    = "SLOGTEL_SAMPLE"
	varRedact    = "SLOGTEL_REDACT"
	varService   = "SLOGTEL_SERVICE"
)

// known are all variables with our prefix, also those that other packages and cmd/slogtel read: a
// shell that has them may start the app, too.
var known = []string{varTelemetry, "SLOGTEL_TELEMETRY_STRICT_SCOPES", "SLOGTEL_TELEMETRY_RAW_PREVIEW",
	varReporters, varLevel, varAggregate, varSample, varRedact, varService, "SLOGTEL_TOKEN", "SLOGTEL_TENANT"}

// A builder reads the variables into a Setup.
type builder struct {
	opts Options
	app  slog.Handler
	errs []error

	levels    *handlers.Levels
	sampler   *sample.Sampler
	redact    func(slog.Handler) slog.Handler
	aggregate time.Duration
	reports   []func()
	made      atomic.Pointer[Setup] // when it is whole
}

// bad notes a variable that is not used as it is.
func (b *builder) bad(variable, value, allowed string) {
	b.errs = append(b.errs, fmt.Errorf("environment variable %s=%.128q is not used: allowed is %s", variable, value, allowed))
}

func (b *builder) build() *Setup {
	b.unknown()
	b.readLevel()
	b.readSample()
	b.readRedact()
	b.readAggregate()
	s := &Setup{Levels: b.levels, Telemetry: slogtel.Disabled(), timeout: b.opts.ShutdownTimeout, output: b.opts.Output}
	on := b.on()
	var lines, telemetry, keepers []slog.Handler
	if on || b.app == nil {
		for _, r := range b.reporters(on) {
			s.opened = append(s.opened, r.handler)
			h := b.redact(r.handler)
			if r.lines {
				lines = append(lines, h)
				if b.aggregate > 0 {
					h = aggregate.New(h, &aggregate.Options{Interval: b.aggregate})
				}
				h = b.levels.Middleware(b.sampler.Middleware(h))
			}
			if r.logs {
				keepers = append(keepers, h)
			}
			telemetry = append(telemetry, h)
		}
	}
	if on {
		o := b.opts.Telemetry
		o.Mode = slogtel.On
		for _, h := range s.opened {
			if r, ok := h.(interface{ TelemetryOptions(*slogtel.Options) }); ok {
				r.TelemetryOptions(&o)
			}
		}
		// New reports the reporters whose level keeps events from them. That of SLOGTEL_LEVEL is
		// wanted, and may differ by scope.
		text := b.levels.String()
		_ = b.levels.Set(everything.String())
		s.Telemetry = slogtel.New(&o, telemetry...)
		_ = b.levels.Set(text)
	}
	s.Handler = b.levels.Middleware(b.sampler.Middleware(b.with(keepers, handlers.Scope()(b.logs(lines)))))
	s.memory = func() {
		for _, report := range b.reports {
			report()
		}
	}
	b.made.Store(s)
	return s
}

// with adds those that keep the app's own logs to where they go.
func (b *builder) with(keepers []slog.Handler, logs slog.Handler) slog.Handler {
	if len(keepers) == 0 {
		return logs
	}
	return slog.NewMultiHandler(append(keepers, logs)...)
}

// logs is where the app's own logs go.
func (b *builder) logs(lines []slog.Handler) slog.Handler {
	switch {
	case b.app != nil:
		return b.redact(b.app)
	case len(lines) == 1:
		return lines[0]
	case len(lines) > 1:
		return slog.NewMultiHandler(lines...)
	}
	return b.redact(b.console(false))
}

// onVariables decide whether telemetry is on.
var onVariables = []switches.Variable{
	{Name: varTelemetry}, {Name: "GEMINI_BATCH_TELEMETRY"}, {Name: varReporters, Setting: true}, {Name: "DEBUG", OnOnly: true},
}

func (b *builder) on() bool {
	return b.opts.Telemetry.Mode.On(onVariables, func(err error) { b.errs = append(b.errs, err) })
}

func (b *builder) readLevel() {
	var err error
	if b.levels, err = handlers.NewLevels(os.Getenv(varLevel)); err != nil {
		b.bad(varLevel, os.Getenv(varLevel), "one of debug, info, warn, error, and for some scopes pattern=level: info,api.*=debug")
	}
}

func (b *builder) readSample() {
	value := os.Getenv(varSample)
	o := sample.Options{}
	for _, entry := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' }) {
		pattern, text, isRule := strings.Cut(strings.TrimSpace(entry), "=")
		if !isRule {
			text = pattern
		}
		rate, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		pattern = strings.TrimSpace(pattern)
		if err != nil || !(rate >= 0 && rate <= 1) || isRule && pattern == "" {
			b.bad(varSample, value, "a share from 0 to 1, and for some scopes pattern=share: 0.1,pay.*=1,health.*=0")
			o = sample.Options{}
			break
		}
		if rate == 0 {
			rate = -1 // none; 0 is not set
		}
		if isRule {
			o.Rules = append(o.Rules, sample.Rule{Scope: pattern, Rate: rate})
		} else {
			o.Rate = rate
		}
	}
	b.sampler = sample.New(&o)
}

func (b *builder) readRedact() {
	value := os.Getenv(varRedact)
	b.redact = func(h slog.Handler) slog.Handler { return h }
	var kinds redact.Kinds
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "", "0", "false", "off", "no":
		return
	case "1", "true", "on", "yes":
		kinds = redact.Secrets | redact.Personal
	case "secrets":
		kinds = redact.Secrets
	case "personal":
		kinds = redact.Personal
	default:
		b.bad(varRedact, value, "on, off, secrets or personal; it is taken for on")
		kinds = redact.Secrets | redact.Personal
	}
	b.redact = redact.New(&redact.Options{Kinds: kinds})
}

func (b *builder) readAggregate() {
	value := os.Getenv(varAggregate)
	if value == "" {
		return
	}
	d, err := time.ParseDuration(value)
	if err != nil || d <= 0 || d > math.MaxInt64/2 {
		b.bad(varAggregate, value, "a duration above zero, such as 10s or 1m")
		return
	}
	b.aggregate = d
}
