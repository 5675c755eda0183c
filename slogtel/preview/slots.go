package preview

// slots hold the members that some provider's response, or one of its answers, is known by.
type slots struct {
	model, modelVersion, id, index        view
	usage, metadata, groq, invocation     view
	counts                                bool // token counts stand beside the text, not in an object
	candidates, outputs                   view
	text, outputText, completion, output  view
	content, message, delta, block, tools view
	finish, finishMessage, status         view
	incomplete, fault, refusal            view
	promptFeedback, safety, guardrail     view
	kind                                  view // of an event
	response, body, result, data          view
	list, several, chunk, bytes           view
	deltaEvent, startEvent, stopEvent     view // Bedrock's
	line                                  bool // of a file that has a response a line
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
	case "id", "responseid":
		return &s.id
	case "index":
		return &s.index
	case "usage", "usagemetadata", "tokenusage":
		return &s.usage
	case "amazonbedrockinvocationmetrics":
		return &s.invocation
	case "meta", "metadata":
		return &s.metadata
	case "candidates", "choices", "generations", "predictions", "results", "completions":
		return &s.candidates
	case "outputs":
		return &s.outputs
	case "text", "generatedtext", "answer":
		return &s.text
	case "outputtext":
		return &s.outputText
	case "completion", "generation":
		return &s.completion
	case "output":
		return &s.output
	case "content":
		return &s.content
	case "message":
		return &s.message
	case "delta":
		return &s.delta
	case "contentblock", "start", "item":
		return &s.block
	case "toolcalls":
		return &s.tools
	case "finishreason", "stopreason", "donereason", "completionreason":
		return &s.finish
	case "finishmessage":
		return &s.finishMessage
	case "status":
		return &s.status
	case "incompletedetails":
		return &s.incomplete
	case "error":
		return &s.fault
	case "promptfeedback":
		return &s.promptFeedback
	case "safety", "safetyratings", "moderation", "contentfilterresults":
		return &s.safety
	case "amazonbedrockguardrailaction":
		return &s.guardrail
	case "refusal":
		return &s.refusal
	case "type", "eventtype":
		return &s.kind
	case "response":
		return &s.response
	case "body":
		return &s.body
	case "result", "modeloutput":
		return &s.result
	case "data":
		return &s.data
	case "chunks", "events", "stream":
		return &s.list
	case "responses", "inlinedresponses":
		return &s.several
	case "chunk":
		return &s.chunk
	case "bytes":
		return &s.bytes
	case "customid", "recordid", "request", "modelinput", "instance":
		s.line = true
	case "contentblockdelta":
		return &s.deltaEvent
	case "contentblockstart":
		return &s.startEvent
	case "messagestop":
		return &s.stopEvent
	case "xgroq":
		return &s.groq
	}
	return nil
}
