package preview

import "log/slog"

// Reader reads one response as it arrives, value by value: the body of a response, or
// the chunks of a stream. It is for programs that watch a response pass by, such as
// package llmtel. Its memory is bounded, however long the stream is. It is not safe for
// concurrent use.
type Reader struct {
	show *Previewer
	r    *response
	text string // what was no JSON
}

// NewReader returns a Reader whose preview is that of p. Facts are read also where p is
// nil or off.
func NewReader(p *Previewer) *Reader {
	limit := DefaultLimit
	if p.Enabled() {
		limit = p.limit
	}
	return &Reader{show: p, r: newResponse(limit)}
}

// Add reads one JSON object or array. It keeps a copy. Of JSON that was cut off the
// beginning is read. Answers tells whether the value added to the answer, ok whether it
// was JSON to its end.
func (d *Reader) Add(value []byte) (answers, ok bool) {
	s, before := string(value), d.r.answered()
	d.r.budget = maxObjects
	v, ok, head := parseHead(s)
	if !ok && !head {
		if d.text == "" {
			d.text = s
		}
		return false, false
	}
	if !d.r.done {
		d.r.read(v, 0)
	}
	return d.r.answered() > before, ok
}

// AddText takes the beginning of a body that is no JSON, for the preview.
func (d *Reader) AddText(head []byte) { d.text = string(head) }

// CutText says that texts longer than n bytes were cut before they were added, so that
// it is not known how much is missing.
func (d *Reader) CutText(n int) {
	for _, p := range [...]*pieces{&d.r.text, &d.r.candidate} {
		switch {
		case p.parts == 1 && len(p.one.s)+max(p.one.more, 0) >= n:
			p.one.more = unknown
		case p.parts > 1 && p.join.Len()+p.more >= n:
			p.more = unknown
		}
	}
}

// Attr is what [Previewer.Attr] gives for the response, or the empty Attr.
func (d *Reader) Attr() slog.Attr {
	if !d.show.Enabled() {
		return slog.Attr{}
	}
	p := d.r.preview()
	if p.IsZero() {
		if d.text == "" {
			if d.r.fault.parts == 0 {
				return slog.Attr{}
			}
			p.FinishReason = d.r.fault.clip().cut(maxFinish)
		} else {
			p = of(d.text, d.r.limit)
		}
	}
	return batchAttr(p.Model, []Preview{p}, 0)
}

// Facts are what a response says of itself, for programs that count. All texts are
// sanitized and at most 256 characters long.
type Facts struct {
	Model     string
	Finish    string   // why the first answer ended, in the provider's word; "" before its end
	Ended     bool     // there was a reason, or another mark of the end
	Blocked   string   // why a filter held the prompt or the answer back, or ""
	ErrorType string   // the provider's name for what went wrong, or ""
	Error     string   // the type and the message
	Tools     []string // names of the tools called, each once, at most 64
	Tokens    Tokens
}

// Facts returns what is known so far.
func (d *Reader) Facts() Facts {
	r := d.r
	f := Facts{
		Model:     r.model.cut(maxModel),
		Finish:    r.finish.cut(maxFinish),
		Blocked:   r.blocked(),
		ErrorType: r.faultKind.cut(maxFinish),
		Tools:     append([]string(nil), r.tools...),
		Tokens:    r.usage.tokens(),
	}
	if f.Finish == "in_progress" || f.Finish == "queued" { // of OpenAI's Responses
		f.Finish = ""
	}
	f.Ended = f.Finish != "" || r.ended
	if r.fault.parts > 0 {
		f.Error = r.fault.clip().cut(maxFinish)
	}
	return f
}

// blocked returns the reason for which a filter held back the prompt or the answer.
// Sources: https://ai.google.dev/api/generate-content#FinishReason,
// https://learn.microsoft.com/azure/ai-services/openai/concepts/content-filter,
// https://docs.anthropic.com/en/api/handling-stop-reasons,
// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html,
// https://docs.cohere.com/reference/chat
func (r *response) blocked() string {
	for _, one := range r.safety.list {
		if one.name.s == "prompt blocked" || one.name.s == "guardrail" {
			return one.level.cut(maxFinish)
		}
	}
	var buf [maxPlain]byte
	for _, c := range [...]clip{r.finish, r.faultKind} {
		switch string(plain(&buf, c.s)) {
		case "safety", "recitation", "blocklist", "prohibitedcontent", "spii", "modelarmor",
			"imagesafety", "imageprohibitedcontent", "imagerecitation",
			"contentfilter", "contentfiltered", "guardrailintervened", "refusal", "errortoxic":
			return c.cut(maxFinish)
		}
	}
	return ""
}

// Tokens are the token counts of a response in one meaning for all providers, that of
// OpenTelemetry: Input includes Cached and CacheWritten, Output includes Reasoning.
// Source: https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-spans.md
type Tokens struct {
	Input        int64
	Output       int64
	Cached       int64 // of Input, read from the provider's cache
	CacheWritten int64 // of Input, written to it
	Reasoning    int64 // of Output, thoughts
}

// tokens sums up usage. Anthropic and Bedrock count what was cached apart from the rest
// of the input, Gemini and xAI thoughts apart from the rest of the output.
func (u usage) tokens() (t Tokens) {
	var total, tools int64
	cacheApart, thoughtsApart := true, false
	first := func(p *int64, n int64) {
		if *p == 0 {
			*p = n
		}
	}
	for _, e := range u {
		n := e.whole()
		if n <= 0 {
			continue
		}
		var buf [maxPlain]byte
		name := string(plain(&buf, e.name))
		switch e.rank {
		case 1:
			first(&t.Input, n)
			cacheApart = cacheApart && name != "prompttokens" // a proxy that speaks like OpenAI
		case 2:
			first(&t.Output, n)
		case 3:
			first(&total, n)
		case 4:
			first(&t.Reasoning, n)
			thoughtsApart = thoughtsApart || name == "thoughtstokencount" || name == "totalthoughttokens"
		case 5:
			if name != "cachereadinputtokens" && name != "cachereadinputtokencount" {
				cacheApart = false
			}
			first(&t.Cached, n)
		case 6:
			if name != "promptcachemisstokens" {
				first(&t.CacheWritten, n)
			}
		case 7:
			first(&tools, n)
		default: // what is billed counts, where a provider gives both
			switch name {
			case "billedunitsinputtokens":
				t.Input = n
			case "billedunitsoutputtokens":
				t.Output = n
			}
		}
	}
	if t.Reasoning > 0 && (thoughtsApart || total == t.Input+t.Output+t.Reasoning) {
		t.Output += t.Reasoning
	}
	t.Input += tools
	if cacheApart {
		t.Input += t.Cached + t.CacheWritten
	}
	return t
}

// whole is the entry as a whole number, or 0.
func (e entry) whole() int64 {
	const most = 1 << 53
	switch n, _ := e.scalar(); n := n.(type) {
	case int64:
		return min(n, most)
	case float64:
		return int64(max(0, min(n, most)))
	}
	return 0
}
