package preview

import (
	"encoding/base64"
	"math"
	"strings"

	"github.com/slogtel/telemetry/internal/secrets"
)

// response gathers what a preview shows while a response is read: one object, or the
// chunks of a stream. The texts of chunks are joined; of the model the first is kept,
// of reasons and ratings the last, and of usage the last of each name.
type response struct {
	limit     int
	budget    int // how many more objects and arrays are looked at
	model     clip
	id        string // of the response that the chunks belong to
	text      pieces
	candidate pieces
	lead      int  // index of the candidate that is shown
	led       bool // there is one
	done      bool // what follows belongs to other responses
	usage     usage
	finish    clip
	message   clip // explains finish
	fault     pieces
	faultKind clip // the provider's name for it
	ended     bool // there was what comes only with the last chunk
	safety    ratings
	tools     tools
}

const (
	// maxWrap is how many envelopes around a response are opened: {"response": {"body": …}}.
	maxWrap = 8
	// maxInner is how many bytes of a text in an envelope are read to see whether it is JSON.
	maxInner = 1 << 20
	// maxObjects is how many objects and arrays are looked at. Values that lead back to
	// themselves, or hostile ones, would have no end.
	maxObjects = 1 << 17
)

func newResponse(limit int) *response {
	r := &response{limit: limit, budget: maxObjects}
	r.text.max, r.candidate.max, r.safety.refusal.max = window(limit), window(limit), window(maxSafety)
	return r
}

// spend reports whether another object may be looked at.
func (r *response) spend() bool {
	r.budget--
	return r.budget >= 0
}

// answered counts what answers consist of.
func (r *response) answered() int { return r.text.parts + r.candidate.parts + len(r.tools) }

// read takes an object, the chunks of a response in an array, or a text that is either.
func (r *response) read(v view, depth int) {
	if depth > maxWrap {
		return
	}
	switch v.kind {
	case object:
		r.object(v, depth)
	case array:
		r.chunks(v.elems, depth)
	case text:
		c := v.clip(maxInner)
		if c.more != 0 {
			return
		}
		if w, ok := parse(c.s); ok && w.kind != text {
			r.read(w, depth)
		} else if seq := stream(c.s); seq != nil {
			r.chunks(seq, depth)
		}
	}
}

// chunks reads the chunks of a stream, or the first of several whole responses.
func (r *response) chunks(seq func(yield func(view) bool), depth int) {
	for e := range seq {
		at := depth
		switch e = e.open(); e.kind {
		case array:
			at++
		case text:
			if c := e.clip(16); !looksJSON(c.s) && !eventField(c.s) {
				continue
			}
			at++
		}
		if r.read(e, at); r.done || !r.spend() {
			return
		}
	}
}

// object reads a response or a chunk of one, and the envelopes around it.
func (r *response) object(v view, depth int) {
	if !r.spend() {
		return
	}
	var s slots
	s.fill(v)
	if kind := word(s.kind).s; strings.HasPrefix(kind, "response.") {
		r.event(kind, &s, depth)
		return
	}
	if s.candidates.ok() && s.id.kind == text {
		id := s.id.clip(maxName).s
		if r.id != "" && id != r.id && r.finish.s != "" { // another response, whole
			r.done = true
			return
		}
		r.id = id
	}
	before := r.answered()
	r.setModel(s.model)
	r.setModel(s.modelVersion)
	r.count(v, &s)
	r.setFinish(s.finish)
	r.setFault(s.fault)
	r.candidates(s.candidates)
	if s.outputs.first().get("type").ok() { // Gemini's interactions
		s.output = s.outputs
	} else {
		r.candidates(s.outputs)
	}
	r.gatherFirst(&r.text, s.text, s.outputText, s.output, s.content, s.completion)
	r.gather(&r.text, s.block, 0)
	r.tools.calls(s.tools)
	r.safety.prompt(s.promptFeedback)
	r.safety.add(s.safety)
	if w := word(s.guardrail); w.s != "" && w.s != "NONE" {
		r.safety.put(rating{name: clip{s: "guardrail"}, sep: "=", level: w})
	}
	r.safety.refuse(s.refusal)
	if s.output.kind == array { // OpenAI's Responses
		r.setFinish(s.status)
		r.setFinish(s.incomplete.get("reason"))
	}
	r.envelopes(&s, depth, before)
	if s.line && r.answered() > before {
		r.done = true
	}
	if depth < maxWrap && r.answered() == 0 && len(r.usage) == 0 && r.finish.s == "" {
		r.probe(v, depth)
	}
}

// envelopes reads what an object wraps, in turn, until there is an answer.
func (r *response) envelopes(s *slots, depth, before int) {
	if depth == maxWrap {
		return
	}
	if s.response.kind == object && s.kind.kind == text { // Cohere's stream-end: all of it once more
		r.whole(s.response, depth+1)
		return
	}
	if s.bytes.kind == text { // of Bedrock's chunks
		if b, err := base64.StdEncoding.DecodeString(s.bytes.clip(maxInner).s); err == nil {
			s.bytes, _ = parse(string(b))
		}
	}
	for _, w := range [...]view{
		s.response, s.body, s.result, s.list, s.several.first(), s.chunk, s.bytes, s.message, s.delta, s.deltaEvent, s.startEvent, s.stopEvent, s.data,
	} {
		if r.answered() > before || r.done {
			return
		}
		r.read(w, depth+1)
	}
	if r.candidate.parts == 0 && r.answered() == before {
		r.gatherFirst(&r.text, plainText(s.response), plainText(s.result))
	}
}

// whole reads a response that repeats what came in chunks, and takes the place of them.
func (r *response) whole(v view, depth int) {
	text, candidate := r.text, r.candidate
	r.text, r.candidate = pieces{max: text.max}, pieces{max: candidate.max}
	r.object(v, depth)
	if r.text.parts+r.candidate.parts == 0 {
		r.text, r.candidate = text, candidate
	}
}

// event reads one of the events of OpenAI's Responses. Those that end a part repeat it.
// Source: https://platform.openai.com/docs/api-reference/responses-streaming
func (r *response) event(kind string, s *slots, depth int) {
	switch kind {
	case "response.output_text.delta":
		r.gather(&r.text, plainText(s.delta), 0)
	case "response.refusal.delta":
		r.safety.refuse(s.delta)
	case "response.output_item.added":
		if t := word(s.block.get("type")).s; t != "message" {
			r.gather(&pieces{}, s.block, 0)
		}
	case "response.created", "response.queued", "response.in_progress", "response.completed", "response.incomplete", "response.failed":
		if s.response.kind == object && depth < maxWrap {
			r.whole(s.response, depth+1)
		}
	}
}

// probe looks for a response under a name that is not known, and takes it only where it
// cannot be anything else.
func (r *response) probe(v view, depth int) {
	if secretName(v) {
		return
	}
	v.members(func(name string, m view) bool {
		if m = m.open(); m.kind != object && m.kind != array && m.kind != text || secrets.KeyOf(name, secrets.All) {
			return true
		}
		if m.kind == text {
			r.budget -= 64
		}
		inside := newResponse(r.limit)
		inside.budget = r.budget
		inside.read(m, depth+1)
		r.budget = inside.budget
		if inside.candidate.parts > 0 || inside.text.parts > 0 && inside.model.s != "" || len(inside.tools) > 0 || inside.usage.known() {
			if inside.model.s == "" {
				inside.model = r.model
			}
			*r = *inside
			return false
		}
		return r.budget > 0
	})
}

// count takes the usage of a response, wherever it stands.
func (r *response) count(v view, s *slots) {
	if s.counts {
		r.usage.set(v, true)
	}
	r.usage.set(s.invocation, true)
	r.ended = r.ended || s.invocation.ok()
	for _, u := range [...]view{s.groq.get("usage"), s.metadata.get("usage"), s.usage} {
		r.usage.set(u, false)
	}
	if !s.usage.ok() && (s.metadata.get("tokens", "billedunits").ok()) { // Cohere's first version
		r.usage.set(s.metadata, true)
	}
}

// candidates takes the answer with the lowest index, of several. The chunks of a stream
// may hold one of any index each.
func (r *response) candidates(v view) {
	if !v.ok() {
		return
	}
	pick, lead, n, named := v, 0, 0, false
	if v.kind == array {
		pick, lead = view{}, math.MaxInt
		v.elems(func(e view) bool {
			e = e.open()
			at, ok := indexOf(e)
			if named = named || ok; !ok && !named {
				at = n
			}
			if at < lead {
				pick, lead = e, at
			}
			n++
			return n < 16 && lead > 0
		})
	} else if at, ok := indexOf(v); ok {
		lead = at
	}
	switch {
	case !pick.ok(), r.led && lead > r.lead:
		return
	case r.led && lead < r.lead:
		r.candidate, r.finish, r.message, r.tools = pieces{max: r.candidate.max}, clip{}, clip{}, nil
		r.safety = ratings{refusal: pieces{max: r.safety.refusal.max}}
	}
	r.lead, r.led = lead, true
	r.answer(pick)
}

func indexOf(v view) (int, bool) {
	if v = v.get("index"); v.kind != number {
		return 0, false
	}
	n, ok := parseNumber(v.scalarText())
	i, isInt := n.(int64)
	return int(min(max(i, 0), math.MaxInt32)), ok && isInt
}

func (r *response) setModel(v view) {
	if r.model.s == "" && v.kind == text {
		r.model = v.clip(window(maxModel))
	}
}

func (r *response) setFinish(v view) {
	if v.kind == object { // {"reason": …}
		v = v.get("reason", "type")
	}
	if c := word(v); c.s != "" {
		r.finish = c
	}
}

// setFault takes what went wrong: {"type": …, "message": …}, or a text.
func (r *response) setFault(v view) {
	if !v.ok() || v.kind == boolean && !v.isTrue() || r.fault.parts > 0 {
		return
	}
	r.fault.max = window(maxFinish)
	r.fault.add(clip{s: "error"})
	r.faultKind = word(v.get("type", "code", "status"))
	for _, w := range [...]clip{word(v), r.faultKind, word(v.get("message"))} {
		if w.s != "" {
			r.fault.add(clip{s: ": "})
			r.fault.add(w)
		}
	}
}

// preview is what was gathered, sanitized.
func (r *response) preview() Preview {
	reason := pieces{max: window(maxFinish)}
	reason.add(r.finish)
	if r.message.s != "" {
		if reason.parts > 0 {
			reason.add(clip{s: ": "})
		}
		reason.add(r.message)
	}
	p := Preview{
		Model:          r.model.cut(maxModel),
		Text:           r.text.clip().cut(r.limit),
		Candidate0Text: r.candidate.clip().cut(r.limit),
		Usage:          r.usage.scalars(),
		FinishReason:   reason.clip().cut(maxFinish),
		Safety:         r.safety.String(),
		Tools:          r.tools.shown(),
	}
	if r.fault.parts > 0 && p.FinishReason == "" && !p.IsZero() { // an error alone is shown whole, in Repr
		p.FinishReason = r.fault.clip().cut(maxFinish)
	}
	return p
}
