package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"
)

// localModel is the version that the built-in provider gives itself.
const localModel = "extractive-sumbasic-1"

// maxRequest is the most bytes that the built-in provider reads of a request.
const maxRequest = 32 << 20

// localServer is the built-in provider: it speaks the API of gemini.go on a port
// of this machine, and answers with summarize.
type localServer struct {
	url   string
	http  *http.Server
	slots chan struct{} // nil: any number of requests at once
	speed int           // tokens a second; 0: as fast as it can
}

// startLocalServer takes at most limit requests at once and answers with speed
// tokens a second; 0 is no limit for either.
func startLocalServer(limit, speed int) (*localServer, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &localServer{url: "http://" + l.Addr().String(), speed: speed}
	if limit > 0 {
		s.slots = make(chan struct{}, limit)
	}
	s.http = &http.Server{
		Handler:           http.HandlerFunc(s.serve),
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	go func() { _ = s.http.Serve(l) }() // ends with close
	return s, nil
}

func (s *localServer) close() { _ = s.http.Close() }

func (s *localServer) serve(w http.ResponseWriter, r *http.Request) {
	model, ok := strings.CutPrefix(r.URL.Path, modelsPath)
	model, isGenerate := strings.CutSuffix(model, generateContent)
	switch {
	case !ok || !isGenerate || model == "":
		refuse(w, http.StatusNotFound, "NOT_FOUND", "want "+modelsPath+"{model}"+generateContent)
		return
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		refuse(w, http.StatusMethodNotAllowed, "INVALID_ARGUMENT", "want POST")
		return
	}
	if s.slots != nil {
		select {
		case s.slots <- struct{}{}:
			defer func() { <-s.slots }()
		default:
			refuse(w, http.StatusTooManyRequests, "RESOURCE_EXHAUSTED",
				fmt.Sprintf("%d requests at once are the most", cap(s.slots)),
				errorDetail{Type: retryInfoType, RetryDelay: "0.05s"})
			return
		}
	}
	var req generateRequest
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err == nil {
		err = json.Unmarshal(body, &req)
	}
	if err != nil {
		code := http.StatusBadRequest
		if e := new(http.MaxBytesError); errors.As(err, &e) {
			code = http.StatusRequestEntityTooLarge
		}
		refuse(w, code, "INVALID_ARGUMENT", "the request cannot be read: "+err.Error())
		return
	}
	if len(req.Contents) == 0 {
		refuse(w, http.StatusBadRequest, "INVALID_ARGUMENT", "contents is empty")
		return
	}
	resp := generate(req)
	if s.speed > 0 {
		timer := time.NewTimer(time.Duration(resp.UsageMetadata.CandidatesTokenCount) * time.Second / time.Duration(s.speed))
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done(): // the client went away
			return
		}
	}
	reply(w, http.StatusOK, resp)
}

// generate answers a request that has contents.
func generate(req generateRequest) generateResponse {
	var texts []string
	prompt := 0
	for _, c := range req.Contents {
		for _, p := range c.Parts {
			texts = append(texts, p.Text)
			prompt += countTokens(p.Text)
		}
	}
	if req.SystemInstruction != nil {
		for _, p := range req.SystemInstruction.Parts {
			prompt += countTokens(p.Text)
		}
	}
	limit := req.GenerationConfig.MaxOutputTokens
	if limit <= 0 {
		limit = 1024
	}
	text, whole := summarize(texts, limit)
	finish := finishStop
	if !whole {
		finish = finishMaxTokens
	}
	output := countTokens(text)
	return generateResponse{
		Candidates: []candidate{{
			Content:      content{Role: "model", Parts: []part{{Text: text}}},
			FinishReason: finish,
		}},
		UsageMetadata: usageMetadata{
			PromptTokenCount:     int64(prompt),
			CandidatesTokenCount: int64(output),
			TotalTokenCount:      int64(prompt + output),
		},
		ModelVersion: localModel,
	}
}

func refuse(w http.ResponseWriter, code int, status, message string, details ...errorDetail) {
	var e errorResponse
	e.Error.Code, e.Error.Status, e.Error.Message, e.Error.Details = code, status, message, details
	reply(w, code, e)
}

func reply(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v) // the client sees a torn answer
}
