package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	keyVariable  = "GEMINI_API_KEY"
	telemetryOff = "off"

	maxPrompts    = 50
	defaultPrompt = "Summarize what these files are about, in one sentence each, in plain words."
)

// options is the command line and the environment, checked.
type options struct {
	paths       []string
	ext         string // comma-separated suffixes of the files wanted from a folder
	maxFile     int64  // bytes
	batchTokens int

	endpoint string // "" for the built-in provider
	key      string // never printed
	local    bool   // the endpoint is the built-in provider
	model    string
	prompts  []string

	fallbackModel string // "": none
	oneByOne      bool
	cache         bool
	cacheTTL      time.Duration
	compare       bool
	json          bool

	concurrency int
	retries     int
	backoff     time.Duration // before the first retry
	timeout     time.Duration // of one attempt
	localLimit  int           // requests that the built-in provider takes at once; 0: any number
	localSpeed  int           // tokens a second at which it answers; 0: as fast as it can

	out        string // "-" for standard output
	telemetry  string // a path, or telemetryOff
	statsd     string // address of a daemon; "" for none
	rawPreview bool
	verbose    bool
	quiet      bool
}

func flags(o *options) *flag.FlagSet {
	f := flag.NewFlagSet("batch", flag.ContinueOnError)
	f.SetOutput(io.Discard) // run prints errors and help itself
	f.StringVar(&o.ext, "ext", ".md,.go", "files to take from folders, by `suffixes`; a file given by name is always taken")
	f.Int64Var(&o.maxFile, "max-file", 1<<20, "refuse files of more than this many `bytes`")
	f.IntVar(&o.batchTokens, "batch-tokens", 8000, "most `tokens` in a batch, estimated at four characters a token")
	f.StringVar(&o.endpoint, "endpoint", "", "`URL` of the provider, with the key in "+keyVariable+" (default: one inside this process)")
	f.StringVar(&o.model, "model", "gemini-2.5-flash", "model that the provider is asked for")
	f.StringVar(&o.fallbackModel, "fallback-model", "", "`model` that is asked when the first one fails")
	f.Func("prompt", "`text` of what to ask about the files; given several times, each gets an answer (default: a summary)", func(text string) error {
		o.prompts = append(o.prompts, text)
		return nil
	})
	f.BoolVar(&o.oneByOne, "one-by-one", false, "ask several prompts in a call each, not all in one vectorized call")
	f.BoolVar(&o.cache, "cache", true, "share the files between calls that ask one by one, through the provider's context cache")
	f.DurationVar(&o.cacheTTL, "cache-ttl", 5*time.Minute, "`time` after which the provider drops a cache that was not deleted")
	f.BoolVar(&o.compare, "compare", false, "also ask one by one and without a cache, to measure what is saved; it is paid for as well")
	f.BoolVar(&o.json, "json", false, "ask for JSON answers, and find the JSON in them")
	f.IntVar(&o.concurrency, "concurrency", 4, "most `requests` at once, 1 to 64")
	f.IntVar(&o.retries, "retries", 3, "`times` to try again after 429, 5xx, a timeout or a broken connection, 0 to 10")
	f.DurationVar(&o.backoff, "backoff", 250*time.Millisecond, "`wait` before the first retry; it doubles each time. Retry-After overrules it")
	f.DurationVar(&o.timeout, "timeout", 30*time.Second, "most `time` for one attempt")
	f.IntVar(&o.localLimit, "local-limit", 0, "requests that the built-in provider takes at once before it answers 429; 0: any `number`")
	f.IntVar(&o.localSpeed, "local-speed", 0, "`tokens` a second at which the built-in provider answers, as a model would; 0: as fast as it can")
	f.StringVar(&o.out, "out", "result.json", "`file` for the result; - for standard output, with the report on standard error")
	f.StringVar(&o.telemetry, "telemetry", "telemetry.jsonl", "`file` for the telemetry, replaced by each run; off: none, and none on the screen; durations and previews are in the result all the same (./off is a file)")
	f.StringVar(&o.statsd, "statsd", "", "also send the telemetry to the StatsD daemon at this `address`: host:port, or a URL with udp, tcp, unixgram or unix")
	f.BoolVar(&o.rawPreview, "raw-preview", false, "attach sanitized previews of the raw answers (also SLOGTEL_TELEMETRY_RAW_PREVIEW=1)")
	f.BoolVar(&o.verbose, "v", false, "show every event on standard error, metrics too")
	f.BoolVar(&o.quiet, "q", false, "show nothing while it runs, but the bar")
	return f
}

func printUsage(w io.Writer) {
	fmt.Fprint(w, "Usage: batch [flags] [file or folder ...]      (default: the current folder)\n\n"+
		"Asks about text files in batches, and shows telemetry of all it does.\n\n")
	f := flags(new(options))
	f.SetOutput(w)
	f.PrintDefaults()
	fmt.Fprint(w, "\nExit codes: 0 all done; 1 something failed or was interrupted, the rest was done; 2 wrong usage.\n")
}

// parseOptions returns flag.ErrHelp for -h. No error of it repeats the key.
func parseOptions(args []string, getenv func(string) string) (options, error) {
	var o options
	f := flags(&o)
	if err := f.Parse(args); err != nil {
		return o, err
	}
	o.paths = f.Args()
	if len(o.paths) == 0 {
		o.paths = []string{"."}
	}
	if len(o.prompts) == 0 {
		o.prompts = []string{defaultPrompt}
	}
	for _, check := range []struct {
		ok   bool
		text string
	}{
		{o.maxFile > 0 && o.maxFile <= 1<<30, "-max-file must be between 1 and 1073741824"},
		{o.batchTokens >= 64 && o.batchTokens <= 1<<20, "-batch-tokens must be between 64 and 1048576"},
		{o.concurrency >= 1 && o.concurrency <= 64, "-concurrency must be between 1 and 64"},
		{o.retries >= 0 && o.retries <= 10, "-retries must be between 0 and 10"},
		{o.backoff > 0 && o.backoff <= maxWait, fmt.Sprintf("-backoff must be above 0 and at most %v", maxWait)},
		{o.timeout > 0, "-timeout must be above 0"},
		{o.localLimit >= 0 && o.localSpeed >= 0, "-local-limit and -local-speed must not be negative"},
		{o.localLimit+o.localSpeed == 0 || o.endpoint == "", "-local-limit and -local-speed are for the built-in provider; they go without -endpoint"},
		{o.model != "", "-model must not be empty"},
		{o.fallbackModel != o.model, "-fallback-model must be another one than -model"},
		{!slices.ContainsFunc(o.prompts, blank), "-prompt must not be empty"},
		{len(o.prompts) <= maxPrompts, fmt.Sprintf("-prompt may be given %d times at most", maxPrompts)},
		{!repeats(o.prompts), "-prompt must not be given twice with the same text"},
		{!o.compare || len(o.prompts) > 1, "-compare needs several prompts"},
		{o.cacheTTL > 0 && o.cacheTTL <= 24*time.Hour, "-cache-ttl must be above 0 and at most 24h"},
		{o.out != "", "-out must not be empty"},
		{o.telemetry != "", "-telemetry must not be empty"},
		{o.statsd == "" || o.telemetry != telemetryOff, "-statsd needs telemetry: it goes without -telemetry off"},
		{filepath.Clean(o.out) != filepath.Clean(o.telemetry), "-out and -telemetry must be different files"},
		{!o.verbose || !o.quiet, "-v and -q exclude each other"},
	} {
		if !check.ok {
			return o, errors.New(check.text)
		}
	}
	o.local = o.endpoint == ""
	if !o.local {
		return o, o.checkEndpoint(strings.TrimSpace(getenv(keyVariable)))
	}
	return o, nil
}

// checkEndpoint takes care that the key goes only where it is meant to, and that
// no part of the endpoint is a secret that would show up in messages.
func (o *options) checkEndpoint(key string) error {
	u, err := url.Parse(o.endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return errors.New("-endpoint must be a URL such as https://host or http://127.0.0.1:8080")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("-endpoint must not hold a user, a password, a query or a fragment; the key belongs in " + keyVariable)
	}
	local := isLoopback(u.Hostname())
	switch {
	case key == "" && !local:
		return errors.New("-endpoint needs a key in the environment variable " + keyVariable)
	case key != "" && len(key) < 8:
		return errors.New(keyVariable + " is too short to be a key")
	case strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New(keyVariable + " holds characters that no key has")
	case key != "" && u.Scheme == "http" && !local:
		return errors.New("-endpoint must be https: a key is not sent unencrypted to another machine")
	}
	o.endpoint, o.key = strings.TrimRight(u.String(), "/"), key
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }

func repeats(texts []string) bool {
	seen := make(map[string]bool)
	for _, text := range texts {
		seen[strings.TrimSpace(text)] = true
	}
	return len(seen) < len(texts)
}
