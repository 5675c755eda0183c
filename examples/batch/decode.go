package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// refusal makes an error of an answer that is not 200.
func refusal(resp *http.Response, data []byte) error {
	status := resp.StatusCode
	e := &callError{
		text:   fmt.Sprintf("the provider answered %d %s", status, http.StatusText(status)),
		status: status,
		retry:  status == http.StatusTooManyRequests || status >= 500,
		wait:   retryAfter(resp.Header.Get("Retry-After"), time.Now()),
	}
	var body errorResponse
	if json.Unmarshal(data, &body) == nil && body.Error.Message != "" {
		e.text += ": " + shorten(body.Error.Message, 300)
		for _, d := range body.Error.Details {
			if delay, err := time.ParseDuration(d.RetryDelay); err == nil && d.Type == retryInfoType {
				e.wait = max(e.wait, delay)
			}
		}
	}
	return e
}

// decode reads an answer with status 200. One that has no text still says what it cost.
func decode(data []byte) (answer, error) {
	var r generateResponse
	if err := json.Unmarshal(data, &r); err != nil {
		return answer{}, &callError{text: "the answer is not what the API promises: " + err.Error(), status: http.StatusOK}
	}
	a := answer{model: r.ModelVersion, usage: r.UsageMetadata}
	fail := func(why string) (answer, error) {
		return a, &callError{text: "the answer is empty: " + shorten(why, 100), status: http.StatusOK}
	}
	if len(r.Candidates) == 0 {
		if r.PromptFeedback != nil && r.PromptFeedback.BlockReason != "" {
			return fail("the prompt was blocked (" + r.PromptFeedback.BlockReason + ")")
		}
		return fail("it has no candidates")
	}
	c := r.Candidates[0]
	a.text, a.finishReason = c.Content.text(), c.FinishReason
	if a.text == "" {
		return fail("its candidate has no text, finish reason " + c.FinishReason)
	}
	return a, nil
}

// shorten cuts text to n bytes, at the end of a character.
func shorten(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:n], "") + "…"
}
