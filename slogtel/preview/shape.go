package preview

// response gathers what a preview shows while the response is read. The texts of several chunks are
// joined; of reasons, usage and ratings the last chunk's count.
type response struct {
	limit     int
	model     clip
	text      pieces
	candidate pieces
	usage     usage
	finish    clip
	safety    ratings
}

const (
	// maxWrap is how many envelopes around a response are opened: {"response": {"body": …}}.
	maxWrap = 3
	// maxParts is how deep text may lie within the parts of an answer.
	maxParts = 6
	// maxInner is how many bytes of a text in an envelope are read to see whether it is JSON.
	maxInner = 1 << 20
)

// read takes an object, or the chunks of a streamed response in an array.
func (r *response) read(v view) {
	r.text.max, r.candidate.max = window(r.limit), window(r.limit)
	if v.kind != array {
		r.object(v, 0)
		return
	}
	v.elems(func(e view) bool {
		r.object(e.open(), 0)
		return true
	})
}

// slots hold the members that some provider's response, or one of its answers, is known by.
type slots struct {
	model, modelVersion          view
	usage                        view
	counts                       bool // token counts stand beside the text, not in an object
	candidates                   view
	text, outputText, completion view
	output, content, message     view
	finish, status, incomplete   view
	promptFeedback, safety       view
	response, body, result, data view
}

// fill reads the members of an object.
func (s *slots) fill(v view) {
	v.members(func(name string, m view) bool {
		var buf [maxPlain]byte
		p := plain(&buf, name)
		if slot := s.of(p); slot != nil && !slot.ok() {
			*slot = m.open()
		} else if slot == nil && wellKnown[string(p)] > 0 {
			s.counts = true
		}
		return true
	})
}

// of returns the slot for a member's plain name.
func (s *slots) of(name []byte) *view {
	switch string(name) {
	case "model", "modelname", "modelid":
		return &s.model
	case "modelversion":
		return &s.modelVersion
	case "usage", "usagemetadata", "tokenusage":
		return &s.usage
	case "candidates", "choices", "generations", "predictions":
		return &s.candidates
	case "text", "generatedtext", "answer":
		return &s.text
	case "outputtext":
		return &s.outputText
	case "completion":
		return &s.completion
	case "output":
		return &s.output
	case "content":
		return &s.content
	case "message", "delta":
		return &s.message
	case "finishreason", "stopreason", "donereason":
		return &s.finish
	case "status":
		return &s.status
	case "incompletedetails":
		return &s.incomplete
	case "promptfeedback":
		return &s.promptFeedback
	case "safety", "safetyratings", "moderation", "contentfilterresults":
		return &s.safety
	case "response":
		return &s.response
	case "body":
		return &s.body
	case "result":
		return &s.result
	case "data":
		return &s.data
	}
	return nil
}

// object reads a response, and the envelopes around one.
func (r *response) object(v view, depth int) {
	if v.kind == text && depth > 0 {
		v = inner(v, maxInner)
	}
	if v.kind != object {
		return
	}
	var s slots
	s.fill(v)
	r.setModel(s.model)
	r.setModel(s.modelVersion)
	switch {
	case s.usage.kind == object:
		r.usage.set(s.usage, false)
	case s.counts:
		r.usage.set(v, true)
	}
	r.setFinish(s.finish)
	r.answer(s.candidates.first())
	r.gatherFirst(&r.text, s.text, s.outputText, s.output, s.content, s.completion)
	r.safety.prompt(s.promptFeedback)
	r.safety.add(s.safety)
	if s.output.kind == array { // OpenAI's Responses
		r.setFinish(s.status)
		r.setFinish(s.incomplete.get("reason"))
	}
	for _, w := range [...]view{s.response, s.body, s.result, s.message, s.data} {
		if r.text.parts > 0 || r.candidate.parts > 0 || depth == maxWrap {
			return
		}
		r.object(w, depth+1)
	}
	if r.candidate.parts == 0 {
		r.gatherFirst(&r.text, plainText(s.response), plainText(s.result))
	}
}

// inner is the JSON that a text of at most max bytes is, or the text.
func inner(v view, max int) view {
	if !looksJSON(v.clip(16).s) {
		return v
	}
	if c := v.clip(max); c.more == 0 {
		if w, ok := parse(c.s); ok {
			return w
		}
	}
	return v
}

func plainText(v view) view {
	if v.kind == text {
		return v
	}
	return view{}
}

// answer reads the first candidate or choice.
func (r *response) answer(v view) {
	if v.kind == text {
		r.gather(&r.candidate, v, 0)
		return
	}
	var s slots
	s.fill(v)
	r.setFinish(s.finish)
	r.gatherFirst(&r.candidate, s.content, s.message, s.text, s.output)
	r.safety.add(s.safety)
	r.safety.refusal(s.message.get("refusal"))
}

// gatherFirst adds the text of the first of these values that has any.
func (r *response) gatherFirst(p *pieces, values ...view) {
	before := p.parts
	for _, v := range values {
		if r.gather(p, v, 0); p.parts > before {
			return
		}
	}
}

// gather adds the text of an answer: a text itself, an array of parts, or an object that holds one of
// these. Thoughts are left out, and so is whatever is no text.
func (r *response) gather(p *pieces, v view, depth int) {
	switch {
	case depth > maxParts:
	case v.kind == text:
		p.add(v.clip(p.max))
	case v.kind == array:
		v.elems(func(e view) bool {
			r.gather(p, e.open(), depth+1)
			return true
		})
	case v.kind == object:
		r.gather(p, part(v), depth+1)
	}
}

// part returns where the text of one part of an answer is.
func part(v view) view {
	var found view
	rank := 0
	v.members(func(name string, m view) bool {
		var buf [maxPlain]byte
		at := 0
		switch string(plain(&buf, name)) {
		case "text":
			at = 6
		case "parts":
			at = 5
		case "content":
			at = 4
		case "message": // {"output": {"message": …}}
			at = 3
		case "value": // {"text": {"value": …}}
			at = 2
		case "data": // a oneof of a protocol buffer
			if m = m.open(); m.kind == object {
				at = 1
			}
		case "thought":
			if m.open().isTrue() {
				rank = 7
			}
		case "type":
			switch m.open().clip(maxName).s {
			case "thinking", "redacted_thinking", "reasoning", "reasoning_text":
				rank = 7
			}
		}
		if at > rank {
			if m = m.open(); m.ok() {
				found, rank = m, at
			}
		}
		if rank == 7 {
			found = view{}
			return false
		}
		return true
	})
	return found
}

func (r *response) setModel(v view) {
	if r.model.s == "" && v.kind == text {
		r.model = v.clip(window(maxModel))
	}
}

func (r *response) setFinish(v view) {
	switch v.kind {
	case text:
		if c := v.clip(window(maxFinish)); c.s != "" {
			r.finish = c
		}
	case number:
		r.finish = clip{s: v.scalarText()}
	}
}

// preview is what was gathered, sanitized.
func (r *response) preview() Preview {
	return Preview{
		Model:          r.model.cut(maxModel),
		Text:           r.text.clip().cut(r.limit),
		Candidate0Text: r.candidate.clip().cut(r.limit),
		Usage:          r.usage.scalars(),
		FinishReason:   r.finish.cut(maxFinish),
		Safety:         r.safety.String(),
	}
}
