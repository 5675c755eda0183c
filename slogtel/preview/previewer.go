package preview

import (
	"context"
	"log/slog"

	"github.com/slogtel/telemetry/internal/switches"
)

// DefaultLimit is the number of characters that texts are cut at where no other limit is given.
const DefaultLimit = 512

// Key is the key of [Previewer.Attr].
const Key = "raw_preview"

// maxBatch is how many previews one Attr carries; more are counted.
const maxBatch = 32

// Mode says whether previews are built, or leaves that to the environment. It is the
// same type as slogtel.Mode.
type Mode = switches.Mode

const (
	FromEnv = switches.FromEnv // as the environment says when [New] is called
	On      = switches.On
	Off     = switches.Off
)

// variables switch previews: the first one that is set decides. The second name is that
// of the system this library comes from, whose users' settings go on working.
var variables = []switches.Variable{{Name: "SLOGTEL_TELEMETRY_RAW_PREVIEW"}, {Name: "GEMINI_BATCH_TELEMETRY_RAW_PREVIEW"}}

// Options configure [New]. The zero value lets the environment decide.
type Options struct {
	// Mode switches previews on or off. With [FromEnv] the first of
	// SLOGTEL_TELEMETRY_RAW_PREVIEW and GEMINI_BATCH_TELEMETRY_RAW_PREVIEW that is set
	// decides: 1, true, on and yes mean on; 0, false, off and no mean off.
	Mode Mode

	// Limit is the number of characters that a text is cut at. Zero or less is
	// [DefaultLimit]. The most is 65536.
	Limit int

	// OnError is told of an environment variable that says neither on nor off, and so counts
	// as not set. Nil logs it through slog.Default().
	OnError func(error)
}

// A Previewer builds previews, or does nothing when it is off. An app makes one for each
// component that has responses to show. It is safe for concurrent use. A nil *Previewer is
// off.
type Previewer struct {
	limit int // 0: off
}

// New returns a Previewer. Nil opts are the defaults. The environment is read now, and
// never again.
func New(opts *Options) *Previewer {
	var o Options
	if opts != nil {
		o = *opts
	}
	if o.OnError == nil {
		o.OnError = func(err error) {
			slog.Default().LogAttrs(context.Background(), slog.LevelWarn, "preview", slog.String("error", err.Error()))
		}
	}
	if !o.Mode.On(variables, o.OnError) {
		return new(Previewer)
	}
	if o.Limit <= 0 {
		o.Limit = DefaultLimit
	}
	return &Previewer{limit: min(o.Limit, maxLimit)}
}

// Enabled reports whether previews are built.
func (p *Previewer) Enabled() bool { return p != nil && p.limit > 0 }

// Of builds the preview of a provider's raw response; see the package documentation for what
// raw may be. When p is off, the preview is empty and raw is not looked at.
//
// Of never panics and never changes raw. Others must not change raw meanwhile: a map that is
// written to while it is read ends the program, and nothing can recover from that.
func (p *Previewer) Of(raw any) Preview {
	if !p.Enabled() {
		return Preview{}
	}
	return of(raw, p.limit)
}

// Attr previews the responses of one scope, in the order of the calls that brought them:
//
//	raw_preview = {model, batch: [...]}
//
// Model is the first that a response names. Of more than 32 responses the rest is counted, in
// a third member, dropped. When p is off, or there is no response, the result is the empty
// Attr, which slog and slogtel leave out, and nothing is built.
func (p *Previewer) Attr(raw ...any) slog.Attr {
	if !p.Enabled() || len(raw) == 0 {
		return slog.Attr{}
	}
	return p.attr(raw)
}

func (p *Previewer) attr(raw []any) slog.Attr {
	batch := make([]Preview, 0, min(len(raw), maxBatch))
	model := ""
	for _, r := range raw[:min(len(raw), maxBatch)] {
		one := of(r, p.limit)
		if model == "" {
			model = one.Model
		}
		batch = append(batch, one)
	}
	return batchAttr(model, batch, len(raw)-len(batch))
}

func batchAttr(model string, batch []Preview, dropped int) slog.Attr {
	group := make([]slog.Attr, 0, 3)
	if model != "" {
		group = append(group, slog.String("model", model))
	}
	group = append(group, slog.Any("batch", batch))
	if dropped > 0 {
		group = append(group, slog.Int("dropped", dropped))
	}
	return slog.Attr{Key: Key, Value: slog.GroupValue(group...)}
}
