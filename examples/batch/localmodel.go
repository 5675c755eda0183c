package main

import (
	"cmp"
	"encoding/json"
	"regexp"
	"strings"
)

// question begins the parts that are questions, and ends the sources.
var question = regexp.MustCompile(`^` + questionHeader + `( \d+)?: `)

// play answers a request as the model of the built-in provider. It is none: what it
// says are sentences of the sources. It does not think, so that its usage has no
// thoughtsTokenCount, and it knows two finish reasons, STOP and MAX_TOKENS.
func play(req generateRequest, cached cacheEntry) generateResponse {
	texts := cached.texts
	tokens := cached.tokens
	var questions []string
	for _, c := range req.Contents {
		for _, p := range c.Parts {
			tokens += countTokens(p.Text)
			switch header := question.FindString(p.Text); {
			case header != "":
				questions = append(questions, p.Text[len(header):])
			case len(questions) == 0:
				texts = append(texts[:len(texts):len(texts)], p.Text)
			}
		}
	}
	text, finish := write(req.GenerationConfig, texts, questions)
	output := countTokens(text)
	return generateResponse{
		Candidates: []candidate{{
			Content:      content{Role: "model", Parts: []part{{Text: text}}},
			FinishReason: finish,
		}},
		UsageMetadata: usageMetadata{
			PromptTokenCount:     int64(tokens),
			CachedTokenCount:     int64(cached.tokens),
			CandidatesTokenCount: int64(output),
			TotalTokenCount:      int64(tokens + output),
		},
		ModelVersion: localModel,
	}
}

// write answers each question: with text, or with JSON where the request wants it. Of
// several questions it makes an array.
func write(config generationConfig, texts, questions []string) (text, finish string) {
	if len(questions) == 0 {
		questions = []string{""}
	}
	limit := cmp.Or(config.MaxOutputTokens, 1024) / len(questions)
	array := len(questions) > 1 || config.ResponseSchema != nil
	finish = finishStop
	var answers []any
	for _, q := range questions {
		summary, whole := summarize(texts, q, limit)
		if !whole {
			finish = finishMaxTokens
		}
		switch {
		case config.ResponseMIMEType == jsonType && config.ResponseSchema == nil:
			answers = append(answers, map[string]any{"sentences": strings.Split(summary, "\n")})
		case array:
			answers = append(answers, summary)
		default:
			return summary, finish
		}
	}
	var answer any = answers
	if !array {
		answer = answers[0]
	}
	data, _ := json.Marshal(answer)
	return string(data), finish
}
