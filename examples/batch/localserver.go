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
const localModel = "extractive-1"

// maxRequest is the most bytes that the built-in provider reads of a request.
const maxRequest = 32 << 20

// localServer is the built-in provider: it speaks the API of gemini.go on a port
// of this machine, and answers with summarize. It has what the public API has, in its
// words: cached contents that expire, tokens counted, requests refused.
type localServer struct {
	url    string
	http   *http.Server
	slots  chan struct{} // nil: any number of requests at once
	speed  int           // tokens a second; 0: as fast as it can
	caches localCaches
}

// startLocalServer takes at most limit requests at once and answers with speed
// tokens a second; 0 is no limit for either.
func startLocalServer(limit, speed int) (*localServer, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &localServer{url: "http://" + l.Addr().String(), speed: speed, caches: localCaches{entries: make(map[string]cacheEntry)}}
	if limit > 0 {
		s.slots = make(chan struct{}, limit)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+modelsPath+"{call}", s.generate)
	mux.HandleFunc("POST "+cachesPath, s.caches.create)
	mux.HandleFunc("DELETE "+cachesPath+"/{id}", s.caches.remove)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusNotFound, "NOT_FOUND", "there is no "+r.Method+" "+r.URL.Path)
	})
	s.http = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = s.http.Serve(l) }() // ends with close
	return s, nil
}

func (s *localServer) close() { _ = s.http.Close() }

func (s *localServer) generate(w http.ResponseWriter, r *http.Request) {
	model, ok := strings.CutSuffix(r.PathValue("call"), generateContent)
	if !ok || !knownModel(model) {
		refuse(w, http.StatusNotFound, "NOT_FOUND", modelPrefix+model+" is not found, or is not supported for generateContent; the built-in provider goes by the names that begin with gemini-")
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
	if !readRequest(w, r, &req) {
		return
	}
	if len(req.Contents) == 0 {
		refuse(w, http.StatusBadRequest, "INVALID_ARGUMENT", "contents is empty")
		return
	}
	var cached cacheEntry
	if req.CachedContent != "" {
		if cached, ok = s.caches.find(w, req.CachedContent); !ok {
			return
		}
		if cached.model != modelPrefix+model {
			refuse(w, http.StatusBadRequest, "INVALID_ARGUMENT", "the cached content is for "+cached.model)
			return
		}
	}
	resp := play(req, cached)
	if s.speed > 0 {
		timer := time.NewTimer(time.Duration(resp.UsageMetadata.CandidatesTokenCount) * time.Second / time.Duration(s.speed))
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done(): // the client went away
			return
		}
	}
	respond(w, http.StatusOK, resp)
}

func knownModel(name string) bool { return strings.HasPrefix(name, "gemini-") }

// readRequest returns false when it has refused the request.
func readRequest(w http.ResponseWriter, r *http.Request, into any) bool {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err == nil {
		err = json.Unmarshal(body, into)
	}
	if err != nil {
		code := http.StatusBadRequest
		if e := new(http.MaxBytesError); errors.As(err, &e) {
			code = http.StatusRequestEntityTooLarge
		}
		refuse(w, code, "INVALID_ARGUMENT", "the request cannot be read: "+err.Error())
	}
	return err == nil
}

func refuse(w http.ResponseWriter, code int, status, message string, details ...errorDetail) {
	var e errorResponse
	e.Error.Code, e.Error.Status, e.Error.Message, e.Error.Details = code, status, message, details
	respond(w, code, e)
}

func respond(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v) // the client sees a torn answer
}
