package main

import "strings"

// The part of the Gemini API that this program speaks, in the API's own words:
// https://ai.google.dev/api/generate-content and https://ai.google.dev/api/caching.
// Client and built-in server share it. Each request has the header x-goog-api-key.
//
//	POST   {endpoint}/v1beta/models/{model}:generateContent
//	POST   {endpoint}/v1beta/cachedContents
//	DELETE {endpoint}/v1beta/cachedContents/{id}

const (
	apiPath         = "/v1beta/"
	modelsPath      = apiPath + "models/"
	cachesPath      = apiPath + cachesPrefix
	cachesPrefix    = "cachedContents"
	modelPrefix     = "models/"
	generateContent = ":generateContent"
	keyHeader       = "x-goog-api-key"
	finishStop      = "STOP"
	finishMaxTokens = "MAX_TOKENS"
)

type generateRequest struct {
	Contents         []content        `json:"contents"`
	CachedContent    string           `json:"cachedContent,omitempty"` // contents that come before these
	GenerationConfig generationConfig `json:"generationConfig"`
}

type content struct {
	Role  string `json:"role,omitempty"` // "user" or "model"
	Parts []part `json:"parts"`
}

type part struct {
	Text    string `json:"text"`
	Thought bool   `json:"thought,omitempty"` // the model thinking aloud: not part of the answer
}

type generationConfig struct {
	MaxOutputTokens  int     `json:"maxOutputTokens,omitempty"`
	Temperature      float64 `json:"temperature"`
	ResponseMIMEType string  `json:"responseMimeType,omitempty"` // "application/json": the answer is JSON
	ResponseSchema   *schema `json:"responseSchema,omitempty"`
}

// schema is as much of one as says "an array of so many strings".
type schema struct {
	Type     string  `json:"type"`
	Items    *schema `json:"items,omitempty"`
	MinItems int     `json:"minItems,omitempty"`
	MaxItems int     `json:"maxItems,omitempty"`
}

type generateResponse struct {
	Candidates     []candidate     `json:"candidates"`
	PromptFeedback *promptFeedback `json:"promptFeedback,omitempty"`
	UsageMetadata  usageMetadata   `json:"usageMetadata"`
	ModelVersion   string          `json:"modelVersion"`
}

type candidate struct {
	Content      content `json:"content"`
	FinishReason string  `json:"finishReason"`
}

type promptFeedback struct {
	BlockReason string `json:"blockReason"`
}

type usageMetadata struct {
	PromptTokenCount     int64 `json:"promptTokenCount"` // with those of the cached content
	CandidatesTokenCount int64 `json:"candidatesTokenCount"`
	CachedTokenCount     int64 `json:"cachedContentTokenCount,omitempty"` // of the prompt
	ThoughtsTokenCount   int64 `json:"thoughtsTokenCount,omitempty"`
	TotalTokenCount      int64 `json:"totalTokenCount"`
}

// cachedContent is sent to make a cache, without the fields that the server fills in,
// and comes back with these and without the contents.
type cachedContent struct {
	Model         string        `json:"model"` // "models/{model}": a cache is for one model
	Contents      []content     `json:"contents,omitempty"`
	TTL           string        `json:"ttl,omitempty"` // as in "300s"
	Name          string        `json:"name,omitempty"`
	UsageMetadata *cachedTokens `json:"usageMetadata,omitempty"`
}

type cachedTokens struct {
	TotalTokenCount int64 `json:"totalTokenCount"`
}

type errorResponse struct {
	Error struct {
		Code    int           `json:"code"`
		Message string        `json:"message"`
		Status  string        `json:"status"`
		Details []errorDetail `json:"details,omitempty"`
	} `json:"error"`
}

// errorDetail is a google.rpc.RetryInfo, or another detail of which nothing is read.
type errorDetail struct {
	Type       string `json:"@type"`
	RetryDelay string `json:"retryDelay,omitempty"` // as in "1.5s"
}

const retryInfoType = "type.googleapis.com/google.rpc.RetryInfo"

// text joins what the model answered.
func (c content) text() string {
	var b strings.Builder
	for _, p := range c.Parts {
		if !p.Thought {
			b.WriteString(p.Text)
		}
	}
	return strings.TrimSpace(b.String())
}
