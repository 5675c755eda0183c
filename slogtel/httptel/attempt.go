package httptel

import (
	"context"
	"net/http"
)

// WithAttempt returns a context for the attempt of a call, counted from 1, for those
// who try again in a loop of their own: from the second on, the event of a request
// with this context has its number less one as http.request.resend_count.
func WithAttempt(ctx context.Context, attempt int) context.Context {
	return context.WithValue(ctx, attemptKey{}, attempt)
}

type attemptKey struct{}

// Resends returns how often req was sent before: in a loop that counts by [WithAttempt],
// and by the redirects of a http.Client, each of which is a call of its own.
func Resends(req *http.Request) int {
	const most = 100 // redirects; a http.Client follows ten
	n := 0
	if attempt, ok := req.Context().Value(attemptKey{}).(int); ok && attempt > 1 {
		n = attempt - 1
	}
	for i := 0; i < most && req.Response != nil && req.Response.Request != nil; i++ {
		req = req.Response.Request
		n++
	}
	return n
}
