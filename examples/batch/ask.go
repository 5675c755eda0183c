package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
)

const (
	fileHeader      = "File: "
	questionHeader  = "Question" // "Question: …", or "Question 2: …" of several
	maxOutputTokens = 1024       // for each question
	jsonType        = "application/json"
)

// call is what one call of the provider is for: some prompts, and the sources that they
// are asked about. With several prompts it is vectorized: one answer has all replies.
type call struct {
	stage   string
	batch   batch
	prompts []int        // from 1, in order
	of      int          // prompts in all
	cache   *sourceCache // nil: the sources are sent along
}

func (c call) vectorized() bool { return len(c.prompts) > 1 }

// attrs tell the call from others: by its batch, and by its prompts where there are
// several in the run.
func (c call) attrs() []slog.Attr {
	attrs := []slog.Attr{slog.Int("batch", c.batch.number)}
	if c.of > 1 {
		attrs = append(attrs, slog.Any("prompts", c.prompts))
	}
	return attrs
}

// sources puts each piece into a part of its own, under its name if it has one.
func (b batch) sources() []part {
	parts := make([]part, len(b.pieces))
	for i, piece := range b.pieces {
		parts[i].Text = piece.text
		if piece.name != "" {
			parts[i].Text = fileHeader + piece.name + "\n" + piece.text
		}
	}
	return parts
}

// questions are the parts that follow the sources. What differs between calls comes
// last, so that a provider can reuse what it has read of the same beginning.
func (p *pipeline) questions(c call) []part {
	if !c.vectorized() {
		return []part{{Text: questionHeader + ": " + p.prompts[c.prompts[0]-1]}}
	}
	var parts []part
	for i, n := range c.prompts {
		parts = append(parts, part{Text: fmt.Sprintf("%s %d: %s", questionHeader, i+1, p.prompts[n-1])})
	}
	kind := "strings"
	if p.json {
		kind = "JSON values"
	}
	return append(parts, part{Text: fmt.Sprintf("Reply with a JSON array of %d %s and nothing else: "+
		"the answer to each question, in order, as if it had been asked alone.", len(c.prompts), kind)})
}

// query makes the request. With the name of a cache, that stands for the sources.
func (p *pipeline) query(c call, model, cache string) (query, error) {
	sources, questions := c.batch.sources(), p.questions(c)
	q := query{model: model, call: c, sources: estimateParts(sources)}
	q.estimated = q.sources + estimateParts(questions)
	parts := questions
	if cache == "" {
		parts = append(sources, questions...)
	}
	req := generateRequest{
		Contents:         []content{{Role: "user", Parts: parts}},
		CachedContent:    cache,
		GenerationConfig: generationConfig{MaxOutputTokens: maxOutputTokens * len(c.prompts)},
	}
	if p.json || c.vectorized() {
		req.GenerationConfig.ResponseMIMEType = jsonType
	}
	if n := len(c.prompts); n > 1 && !p.json {
		req.GenerationConfig.ResponseSchema = &schema{Type: "ARRAY", Items: &schema{Type: "STRING"}, MinItems: n, MaxItems: n}
	}
	var err error
	q.body, err = json.Marshal(req)
	return q, err
}

// reply is the answer to one prompt.
type reply struct {
	text string
	json json.RawMessage // nil unless JSON was asked for
	how  extraction      // how the JSON was found; zero when none was looked for
}

// replies takes an answer apart: one reply for each prompt of the call. An answer that
// does not hold them is an error, with which nothing of it is used.
func (p *pipeline) replies(c call, a answer) ([]reply, error) {
	if !p.json && !c.vectorized() {
		return []reply{{text: a.text}}, nil
	}
	value, how := extractJSON(a.text)
	if how.Method == foundNone {
		return nil, answered("the answer holds no JSON")
	}
	if !c.vectorized() {
		return []reply{{a.text, value, how}}, nil
	}
	// The end of a repaired array may be missing, and with it the end of an answer.
	if how.Method == foundRepaired {
		return nil, answered("the array of answers is broken")
	}
	var values []json.RawMessage
	if err := json.Unmarshal(value, &values); err != nil || len(values) != len(c.prompts) {
		return nil, answered(fmt.Sprintf("%d answers are wanted and %d came", len(c.prompts), len(values)))
	}
	replies := make([]reply, len(values))
	for i, v := range values {
		replies[i] = reply{string(v), v, how}
		if !p.json {
			replies[i].json = nil
			if err := json.Unmarshal(v, &replies[i].text); err != nil {
				return nil, answered(fmt.Sprintf("answer %d is not a string", i+1))
			}
			if blank(replies[i].text) {
				return nil, answered(fmt.Sprintf("answer %d is empty", i+1))
			}
		}
	}
	return replies, nil
}

// answered is the error of an answer that came and is of no use.
func answered(why string) error { return &callError{text: why, status: http.StatusOK} }
