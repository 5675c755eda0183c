package preview

import (
	"slices"
	"strconv"
	"strings"
)

// maxParts is how deep text may lie within the parts of an answer.
const maxParts = 6

func plainText(v view) view {
	if v.kind == text {
		return v
	}
	return view{}
}

// answer reads a candidate or choice.
func (r *response) answer(v view) {
	if v.kind == text {
		r.gather(&r.candidate, v, 0)
		return
	}
	var s slots
	s.fill(v)
	r.setFinish(s.finish)
	if c := word(s.finishMessage); c.s != "" {
		r.message = c
	}
	if s.counts { // Titan
		r.usage.set(v, true)
	}
	r.gatherFirst(&r.candidate, s.content, s.message, s.delta, s.text, s.outputText, s.output, s.data)
	r.safety.add(s.safety)
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

// gather adds the text of an answer: a text itself, an array of parts, or an object that
// holds one of these; and the names of the tools that it calls. Thoughts and the results
// of tools are left out, and so is whatever is no text.
func (r *response) gather(p *pieces, v view, depth int) {
	switch {
	case depth > maxParts || !v.ok():
	case v.kind == text:
		p.add(v.clip(p.max))
	case !r.spend():
	case v.kind == array:
		v.elems(func(e view) bool {
			r.gather(p, e.open(), depth+1)
			return true
		})
	case v.kind == object:
		r.gather(p, r.part(v), depth+1)
	}
}

// part returns where the text of one part of an answer is, and notes the tool it calls.
func (r *response) part(v view) view {
	var found, calls, call, name, refusal view
	kind, rank, thought := "", 0, false
	v.members(func(key string, m view) bool {
		var buf [maxPlain]byte
		at := 0
		switch string(plain(&buf, key)) {
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
			thought = m.open().isTrue()
		case "type":
			kind = word(m.open()).s
		case "name", "toolname":
			name = m.open()
		case "functioncall", "tooluse":
			call = m.open()
		case "toolcalls":
			calls = m.open()
		case "refusal":
			refusal = m.open()
		}
		if at > rank {
			if m = m.open(); m.ok() {
				found, rank = m, at
			}
		}
		return true
	})
	switch {
	case thought, strings.HasPrefix(kind, "reasoning"), strings.HasSuffix(kind, "thinking"), strings.HasSuffix(kind, "tool_result"):
		return view{}
	case strings.HasSuffix(kind, "tool_use"), kind == "tool-call":
		r.tools.add(word(name))
	case strings.HasSuffix(kind, "_call"): // OpenAI's own tools have no name but their type
		if w := word(name); w.s != "" {
			r.tools.add(w)
		} else {
			r.tools.add(clip{s: strings.TrimSuffix(kind, "_call")})
		}
	}
	r.tools.add(word(call.get("name")))
	r.tools.calls(calls)
	r.safety.refuse(refusal)
	return found
}

// tools are the names of the tools that an answer calls. Each is there once: streams
// repeat them.
type tools []string

// maxToolsKept is how many names are told apart; the first maxTools are shown.
const maxToolsKept = 64

func (t *tools) add(c clip) {
	if c.s == "" || len(*t) == maxToolsKept {
		return
	}
	if name := c.cut(maxTool); !slices.Contains(*t, name) {
		*t = append(*t, name)
	}
}

// calls takes a list of calls, or one: {"name": …} or {"function": {"name": …}}.
func (t *tools) calls(v view) {
	switch v.kind {
	case array:
		v.elems(func(e view) bool {
			if e = e.open(); e.kind == object {
				t.calls(e)
			}
			return true
		})
	case object:
		if w := word(v.get("name")); w.s != "" {
			t.add(w)
			return
		}
		for _, kind := range [...]string{"function", "custom"} {
			t.add(word(v.get(kind).get("name")))
		}
	}
}

// shown returns the first names, and what is left out.
func (t tools) shown() []string {
	if len(t) <= maxTools {
		return t
	}
	return append(t[:maxTools:maxTools], "…[+"+strconv.Itoa(len(t)-maxTools)+"]")
}
