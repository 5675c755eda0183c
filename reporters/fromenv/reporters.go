package fromenv

import (
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/netip"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/slogtel/telemetry/reporters/console"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/reporters/live"
	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/reporters/statsd"
)

// everything is the level of reporters: what is written is decided before them.
const everything = slog.Level(math.MinInt)

// A reporter is one of SLOGTEL_REPORTERS.
type reporter struct {
	handler slog.Handler
	lines   bool // it writes a line for each record, an app's own, too
	logs    bool // it keeps the app's own records, and writes no lines
}

var registry = struct {
	sync.Mutex
	made map[string]func(value string) (slog.Handler, error)
}{made: make(map[string]func(string) (slog.Handler, error))}

// Register lets SLOGTEL_REPORTERS name a further reporter, as name or name=value, for
// which [New] calls newReporter with the value. It is meant for the init function of a package that is
// imported for that alone. The name must be new, and have no comma and no "="; Register
// panics otherwise, as it is called with constants. A handler with a method
// TelemetryOptions(*slogtel.Options) may change the options of the Telemetry, to have trace ids
// for instance, before it is made.
func Register(name string, newReporter func(value string) (slog.Handler, error)) {
	registry.Lock()
	defer registry.Unlock()
	if name == "" || strings.ContainsAny(name, ",= ") || newReporter == nil || slices.Contains(allowed(), name) {
		panic(fmt.Sprintf("fromenv: Register(%q): the name is taken or malformed, or the function is nil", name))
	}
	registry.made[name] = newReporter
}

// allowed returns all names, with the registry locked.
func allowed() []string {
	names := []string{"app", "console", "json", "ecs", "statsd", "memory", "live"}
	for name := range registry.made {
		names = append(names, name)
	}
	slices.Sort(names[7:])
	return names
}

// reporters makes those of the list. When telemetry is off, it makes only those that an app's own
// logs can go to.
func (b *builder) reporters(on bool) (all []reporter) {
	list := os.Getenv(varReporters)
	if list == "" {
		list = "app"
		if b.app == nil {
			list = "console"
		}
	}
	for _, entry := range strings.Split(list, ",") {
		entry = strings.TrimSpace(entry)
		if entry == "" {
			continue
		}
		name, value, _ := strings.Cut(entry, "=")
		if !on && !slices.Contains([]string{"app", "console", "json", "ecs"}, name) {
			continue
		}
		r, err := b.reporter(name, value)
		if err != nil {
			b.errs = append(b.errs, fmt.Errorf("environment variable %s=%.256q: %.128q is left out: %w", varReporters, list, entry, err))
			continue
		}
		all = append(all, r)
	}
	return all
}

func (b *builder) reporter(name, value string) (reporter, error) {
	switch name {
	case "app":
		if b.app == nil {
			return reporter{}, fmt.Errorf("the app has no handler of its own")
		}
		return reporter{handler: b.app, lines: true}, nil
	case "console":
		if value != "" && value != "tree" {
			return reporter{}, fmt.Errorf("it is console or console=tree")
		}
		return reporter{handler: b.console(value == "tree"), lines: true}, nil
	case "json", "ecs":
		h, err := b.json(name, value)
		return reporter{handler: h, lines: true}, err
	case "statsd":
		h, err := newStatsD(value)
		return reporter{handler: h}, err
	case "memory":
		m := memory.New(nil)
		b.reports = append(b.reports, func() { _, _ = io.WriteString(b.opts.Output, m.Report()) })
		return reporter{handler: m}, nil
	case "live":
		h, err := b.live(value)
		return reporter{handler: h, logs: true}, err
	}
	registry.Lock()
	newReporter, ok := registry.made[name]
	names := allowed()
	registry.Unlock()
	if !ok {
		return reporter{}, fmt.Errorf("no such reporter: there are %s; did you mean %s?", strings.Join(names, ", "), nearest(name, names))
	}
	h, err := newReporter(value)
	if err == nil && h == nil {
		err = fmt.Errorf("it made no handler")
	}
	return reporter{handler: h}, err
}

func (b *builder) console(tree bool) slog.Handler {
	return console.New(b.opts.Output, &console.Options{Level: everything, Tree: tree})
}

func (b *builder) json(name, path string) (slog.Handler, error) {
	o := jsonlines.Options{Level: everything, Service: os.Getenv(varService)}
	if name == "ecs" {
		o.Schema = jsonlines.ECS
	}
	switch path {
	case "":
		return nil, fmt.Errorf("it needs a path, stdout or stderr: %s=PATH", name)
	case "stdout":
		return jsonlines.New(os.Stdout, &o), nil
	case "stderr":
		return jsonlines.New(os.Stderr, &o), nil
	}
	return jsonlines.Open(path, &jsonlines.FileOptions{Options: o})
}

// parse splits an address from its query, which may have these keys.
func parse(value string, keys ...string) (address string, query url.Values, err error) {
	address, text, _ := strings.Cut(value, "?")
	query, err = url.ParseQuery(text)
	if err != nil {
		return "", nil, fmt.Errorf("the query of the address: %w", err)
	}
	for key := range query {
		if !slices.Contains(keys, key) {
			return "", nil, fmt.Errorf("the query of the address has %.64q: it may have %s and %s", key, strings.Join(keys[1:], ", "), keys[0])
		}
	}
	return address, query, nil
}

// live serves the page of package live, with the counts of the other reporters.
func (b *builder) live(address string) (slog.Handler, error) {
	address, settings, err := parse(address, "client", "host")
	if err != nil {
		return nil, err
	}
	o := live.Options{Level: everything, Title: os.Getenv(varService), Stats: map[string]any{"reporters": func() any { return b.counts() }}}
	o.Hosts = settings["host"]
	for _, v := range settings["client"] {
		network, err := netip.ParsePrefix(v)
		if err != nil {
			return nil, fmt.Errorf("the query of the address has client=%.64q: it is a network, such as 10.0.0.0/8", v)
		}
		o.Clients = append(o.Clients, network)
	}
	h, err := live.Listen(address, &o)
	if err != nil {
		return nil, err // not the nil *Handler: that is no nil interface
	}
	_, _ = fmt.Fprintf(b.opts.Output, "live telemetry: %s\n", h.URL())
	return h, nil
}

// counts returns the Stats of the Telemetry, and of each reporter that has some by the name of its
// type.
func (b *builder) counts() any {
	s := b.made.Load()
	if s == nil {
		return nil
	}
	all := map[string]any{"telemetry": s.Telemetry.Stats()}
	for _, h := range s.opened {
		if _, itself := h.(*live.Handler); itself {
			continue
		}
		if m := reflect.ValueOf(h).MethodByName("Stats"); m.IsValid() && m.Type().NumIn() == 0 && m.Type().NumOut() == 1 {
			all[strings.TrimPrefix(fmt.Sprintf("%T", h), "*")] = m.Call(nil)[0].Interface()
		}
	}
	return all
}

var dialects = map[string]statsd.Dialect{
	"": statsd.Plain, "plain": statsd.Plain, "dogstatsd": statsd.DogStatsD, "influxdb": statsd.InfluxDB,
	"graphite": statsd.Graphite, "signalfx": statsd.SignalFX,
}

func newStatsD(address string) (slog.Handler, error) {
	address, settings, err := parse(address, "tags", "dialect", "prefix")
	if err != nil {
		return nil, err
	}
	o := statsd.Options{Prefix: settings.Get("prefix")}
	var ok bool
	if o.Dialect, ok = dialects[strings.ToLower(settings.Get("dialect"))]; !ok {
		return nil, fmt.Errorf("there is no dialect %.64q: there are plain, dogstatsd, influxdb, graphite, signalfx", settings.Get("dialect"))
	}
	if tags := settings.Get("tags"); tags != "" {
		o.TagKeys = strings.Split(tags, "|")
	}
	h, err := statsd.New(address, &o)
	if err != nil {
		return nil, err // not the nil *Handler: that is no nil interface
	}
	return h, nil
}
