package llmtel

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/slogtel/telemetry/slogtel/httptel"
	"github.com/slogtel/telemetry/slogtel/preview"
)

// end ends the scope, the first time that it is called. Closed says that it was the caller
// who wanted no more of the body.
func (c *call) end(err error, closed bool) {
	c.mu.Lock()
	ended := c.ended
	c.ended = true
	c.mu.Unlock()
	if ended {
		return
	}
	var facts preview.Facts
	if c.resp != nil {
		if c.unzip(); c.feed.read || len(c.feed.line) > 0 {
			c.feed.end()
		}
		if len(c.feed.head) > 0 {
			c.reader.AddText(c.feed.head)
		}
		if c.feed.json.cut {
			c.reader.CutText(keptString)
		}
		facts = c.reader.Facts()
		usageFromHeaders(&facts.Tokens, c.resp.Header)
	}
	closed = closed && err == nil && c.unfinished(facts)
	kind, failure := c.outcome(err, closed, facts)
	c.span.Fail(failure)

	var scratch [40]slog.Attr
	usage := Usage{
		Provider: c.where.provider, Operation: c.where.operation,
		RequestModel: c.requestModel(), ResponseModel: facts.Model, Tokens: facts.Tokens,
	}
	attrs := attr(attr(scratch[:0], KeyOperation, usage.Operation), KeyProvider, usage.Provider)
	attrs = attr(attr(attrs, KeyRequestModel, usage.RequestModel), KeyResponseModel, usage.ResponseModel)
	labels := attrs[:len(attrs):len(attrs)]
	attrs = c.appendTimes(c.appendFacts(attrs, facts), facts, kind, labels)
	attrs = attr(attrs, KeyErrorType, kind)
	if closed && failure == nil {
		attrs = append(attrs, slog.Bool(KeyClosedEarly, true))
	}
	if n := resends(c.req); n > 0 {
		attrs = append(attrs, slog.Int(httptel.KeyResendCount, n))
		c.meters.retries.Add(c.ctx, 1, labels...)
	}
	if facts.Tokens != (preview.Tokens{}) {
		c.meters.count(c.ctx, facts.Tokens, labels)
		if cost := c.price(usage); cost > 0 {
			attrs = append(attrs, slog.Float64(KeyCost, cost))
			c.meters.cost.AddFloat(c.ctx, cost, labels...)
		}
	}
	if c.resp != nil {
		if shown := c.reader.Attr(); shown.Key != "" {
			attrs = append(attrs, shown)
		}
	}
	c.span.End(attrs...)
}

// unfinished reports whether there is more to come of the body, as far as it was read.
func (c *call) unfinished(f preview.Facts) bool {
	return c.encoding == "" && (!c.feed.read || c.feed.incomplete(f.Ended))
}

// outcome returns the error.type of the call, "" for none, and its failure.
func (c *call) outcome(err error, closed bool, f preview.Facts) (kind string, failure error) {
	var timeout net.Error
	interrupted := c.interrupted()
	switch {
	case err == nil && !closed:
	case errors.Is(err, context.Canceled), errors.Is(interrupted, context.Canceled):
		if err == nil || !errors.Is(err, context.Canceled) {
			err = context.Canceled
		}
		return "", err
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return timedOut, err
	case errors.Is(interrupted, context.DeadlineExceeded):
		return timedOut, interrupted
	case err != nil && c.resp == nil:
		return connectionError, err
	}
	status := c.resp.StatusCode
	if status >= 400 {
		return c.refused(status, f)
	}
	name := cmp.Or(f.ErrorType, c.feed.fault)
	switch {
	case name != "" || f.Error != "" && f.Error != "error":
		if name = token(name); name == "" {
			name = providerError
		}
		return name, errors.New(cmp.Or(detail(f), name))
	case f.Blocked != "":
		return blocked, errors.New("blocked: " + f.Blocked)
	case err != nil:
		return cutOff, fmt.Errorf("cut off: %w", err)
	case closed, c.encoding != "", status < 200 || status >= 300:
		return "", nil
	case c.isGuess() && f.Model == "" && c.requestModel() == "":
		return "", nil // it is the app's own service, of which nothing is known to be wrong
	case !c.feed.read && !c.feed.stream:
		if status != http.StatusOK {
			return "", nil
		}
		return emptyBody, errors.New("the body is empty")
	case c.feed.notJSON():
		return notJSON, errors.New("the body is no JSON")
	case c.feed.incomplete(f.Ended):
		return cutOff, errors.New("cut off: the body ended before the answer did")
	}
	return "", nil
}

// isGuess reports whether only the end of the path says that this is a call of a model.
func (c *call) isGuess() bool {
	return c.opts.Provider == "" && c.where.provider != "ollama" && byHost(c.req.URL.Hostname()) == ""
}

// interrupted is why the request's context is done. The timeout of a http.Client ends the
// call at the same instant as the context's deadline, in either order.
func (c *call) interrupted() error {
	ctx := c.req.Context()
	if err := ctx.Err(); err != nil {
		return err
	}
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return nil
}

// refused is the outcome of a response with a status of 400 or more.
func (c *call) refused(status int, f preview.Facts) (kind string, failure error) {
	if kind = strconv.Itoa(status); f.Blocked != "" { // Azure refuses a prompt with a 400
		kind = blocked
	}
	text := strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
	if d := detail(f); d != "" {
		text += ": " + d
	}
	return kind, errors.New(text)
}

// detail is what the provider said of an error.
func detail(f preview.Facts) string {
	if f.Error == "error" {
		return ""
	}
	return strings.TrimPrefix(f.Error, "error: ")
}

// token returns the name of an error if it is one, and no sentence.
func token(s string) string {
	if len(s) > 64 {
		return ""
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-' && r != '.' {
			return ""
		}
	}
	return s
}

// appendFacts appends what is known of the request and the response.
func (c *call) appendFacts(dst []slog.Attr, f preview.Facts) []slog.Attr {
	if c.where.stream || c.feed != nil && c.feed.stream {
		dst = append(dst, slog.Bool(KeyRequestStream, true))
	}
	dst = attr(dst, httptel.KeyServer, c.req.URL.Hostname())
	if port, err := strconv.Atoi(c.req.URL.Port()); err == nil {
		dst = append(dst, slog.Int(httptel.KeyServerPort, port))
	}
	if c.resp == nil {
		return dst
	}
	dst = append(dst, slog.Int(httptel.KeyStatus, c.resp.StatusCode))
	if f.Finish != "" {
		dst = append(dst, slog.Any(KeyFinishReasons, []string{f.Finish}))
	}
	if len(f.Tools) > 0 {
		dst = append(dst, slog.Any(KeyTools, f.Tools))
	}
	for _, k := range tokenKinds {
		if n := k.of(&f.Tokens); n > 0 {
			dst = append(dst, slog.Int64(k.key, n))
		}
	}
	dst = attr(dst, KeyUnread, c.encoding)
	return appendLimits(dst, c.resp.Header, time.Now())
}

// appendTimes appends the times of a stream, and records them.
func (c *call) appendTimes(dst []slog.Attr, f preview.Facts, kind string, labels []slog.Attr) []slog.Attr {
	if c.feed == nil || !c.where.stream && !c.feed.stream || c.first == 0 {
		return dst
	}
	dst = append(dst, slog.Float64(KeyFirstChunk, c.first.Seconds()))
	if c.token == 0 {
		return dst
	}
	dst = append(dst, slog.Float64(KeyFirstToken, c.token.Seconds()))
	c.meters.firstToken.Record(c.ctx, c.token.Seconds(), labels...)
	if n := f.Tokens.Output - 1; n > 0 && kind == "" {
		each := (c.last - c.token).Seconds() / float64(n)
		dst = append(dst, slog.Float64(KeyPerToken, each))
		c.meters.perToken.Record(c.ctx, each, labels...)
	}
	return dst
}

// price asks the caller's function.
func (c *call) price(u Usage) (cost float64) {
	if c.opts.Price == nil {
		return 0
	}
	defer func() {
		if v := recover(); v != nil {
			c.span.Fail(fmt.Errorf("panic in Options.Price: %v", v))
		} else if !(cost >= 0) || cost-cost != 0 {
			c.span.Fail(fmt.Errorf("Options.Price returned %v: a price is a number, and not negative", cost))
			cost = 0
		}
	}()
	return c.opts.Price(u)
}
