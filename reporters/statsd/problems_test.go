package statsd

import (
	"bytes"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestErrorsAreLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		before := slog.Default()
		slog.SetDefault(slog.New(slog.NewTextHandler(&out, nil)))
		defer slog.SetDefault(before)
		var p problems
		for range 3 {
			p.report(errors.New("refused"))
			synctest.Wait()
		}
		assert.Regexp(t, `^time=\S+ level=ERROR msg="telemetry error" error=refused\n$`, out.String())
		time.Sleep(time.Minute)
		p.report(errors.New("again"))
		synctest.Wait()
		assert.Contains(t, out.String(), `"again (and 2 errors more since the last report)"`)
		assert.EqualValues(t, 4, p.count)
	})
}

// OnError may be slow, panic, or call the handler.
func TestOnErrorHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := network{refuse: errors.New("refused")}
		handler := make(chan *Handler, 1)
		calls := 0
		h := open(t, &n, "tcp://127.0.0.1:1", &Options{OnError: func(error) {
			calls++
			h := <-handler
			_ = h.Stats()
			time.Sleep(10 * time.Minute)
			_ = h.Shutdown(t.Context())
			panic("boom")
		}})
		handler <- h
		time.Sleep(5 * time.Minute)
		handle(t, h, countRecord("a", 1))
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		assert.Equal(t, 1, calls)
		assert.EqualValues(t, 1, h.Stats().Dropped)
	})
}

// A loss does not hide what it comes from.
func TestLosses(t *testing.T) {
	var got []error
	synctest.Test(t, func(t *testing.T) {
		p := problems{call: func(err error) { got = append(got, err) }}
		loss, cause := errors.New("lost"), errors.New("refused")
		p.reportLoss(loss)
		assert.Equal(t, loss, p.last)
		p.report(cause)
		time.Sleep(time.Hour)
		for range 3 {
			p.reportLoss(loss)
			synctest.Wait()
		}
		assert.Equal(t, cause, p.last)
		assert.EqualValues(t, 5, p.count)
	})
	assert.Len(t, got, 2)
	assert.EqualError(t, got[0], "lost")
	assert.EqualError(t, got[1], "lost; the last error: refused (and 1 errors more since the last report)")
	assert.ErrorContains(t, got[1], "refused")
}
