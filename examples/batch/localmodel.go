package main

import (
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
	limit := config.MaxOutputTokens
	if limit <= 0 {
		limit = 1024
	}
	finish = finishStop
	var answers []any
	for _, q := range append(questions, "")[:max(1, len(questions))] {
		summary, whole := summarize(texts, q, limit/max(1, len(questions)))
		if !whole {
			finish = finishMaxTokens
		}
		if config.ResponseMIMEType == jsonType && config.ResponseSchema == nil {
			answers = append(answers, map[string]any{"sentences": strings.Split(summary, "\n")})
		} else {
			answers = append(answers, summary)
		}
	}
	var data []byte
	switch {
	case len(answers) > 1 || config.ResponseSchema != nil:
		data, _ = json.Marshal(answers)
	case config.ResponseMIMEType == jsonType:
		data, _ = json.Marshal(answers[0])
	default:
		data = []byte(answers[0].(string))
	}
	return string(data), finish
}
