// Package scopename names scopes and metrics.
package scopename

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/sqltel"
)

var tel *slogtel.Telemetry

const bad = "Order" + ".total"

type kind string

const (
	small kind = "small"
	large kind = "large"
)

type state int

const (
	idle state = iota
	busy
)

func (s state) String() string { return [...]string{"idle", "busy"}[s] }

type user struct{ ID, Name string }

func invalid(ctx context.Context) {
	tel.Start(ctx, "Order")                                             // want `invalid scope name "Order": 'O' at byte 0.*recorded as "order"`
	tel.Count(ctx, "", 1)                                               // want `invalid scope name: the name is empty`
	tel.Gauge(ctx, "queue depth", 1)                                    // want `invalid scope name "queue depth"`
	tel.Histogram(ctx, "queue-depth", 1)                                // want `invalid scope name "queue-depth"`
	tel.CountFloat(ctx, bad, 1)                                         // want `invalid scope name "Order.total"`
	tel.Metric(ctx, "a..b", 1)                                          // want `an empty segment`
	tel.Timing(ctx, "a.", time.Second)                                  // want `a dot with no segment after it`
	tel.NewCounter("GET /", nil)                                        // want `invalid scope name "GET /"`
	tel.NewGauge("1st", nil)                                            // want `invalid scope name "1st"`
	tel.NewHistogram("größe", nil)                                      // want `invalid scope name "größe"`
	_ = tel.Time(ctx, "_a", nil)                                        // want `invalid scope name "_a"`
	_, _ = slogtel.Do[int](ctx, tel, "a/b", nil)                        // want `invalid scope name "a/b"`
	(*slogtel.Telemetry).Count(tel, ctx, "A", 1)                        // want `invalid scope name "A"`
	_ = sqltel.WithName(ctx, "select users")                            // want `invalid scope name "select users"`
	_, _ = tel, func() { defer tel.Count(ctx, string(kind("Bad")), 1) } // want `invalid scope name "Bad"`
}

func built(ctx context.Context, id int, name string, u user, r *http.Request, list []string) {
	tel.Start(ctx, fmt.Sprintf("order.%d", id))           // want `the name is built with fmt.Sprintf: each value of it is a series that is kept`
	tel.Start(ctx, "order."+name)                         // want `the name is built by concatenation with name`
	tel.Start(ctx, "order."+u.ID+".total")                // want `the name is built by concatenation with u.ID`
	tel.Count(ctx, name+"."+"hits", 1)                    // want `the name is built by concatenation with name`
	tel.Count(ctx, "http."+strings.ToLower(r.Method), 1)  // want `the name is built by concatenation with strings.ToLower\(r.Method\)`
	tel.Gauge(ctx, strings.ToLower("User."+u.Name), 1)    // want `the name is built by concatenation with u.Name`
	tel.Gauge(ctx, scope.Sanitize("user."+u.Name), 1)     // want `the name is built by concatenation with u.Name`
	tel.Gauge(ctx, scope.Join("user", u.Name), 1)         // want `the name is built with scope.Join`
	tel.Gauge(ctx, strings.Join(list, "."), 1)            // want `the name is built with strings.Join`
	tel.Gauge(ctx, strconv.Itoa(id), 1)                   // want `the name is built with strconv.Itoa`
	tel.Gauge(ctx, path.Join("a", name), 1)               // want `the name is built with path.Join`
	tel.NewCounter(fmt.Sprint("shard", id), nil)          // want `the name is built with fmt.Sprint`
	_ = tel.Time(ctx, "status."+http.StatusText(id), nil) // want `the name is built by concatenation with http.StatusText\(id\)`

	local := fmt.Sprintf("user.%s", u.Name)
	tel.Count(ctx, local, 1) // want `the name is built with fmt.Sprintf`

	grown := "user"
	grown += "." + u.Name
	tel.Count(ctx, grown, 1) // want `the name is built by concatenation with u.Name`

	var b strings.Builder
	b.WriteString(name)
	tel.Count(ctx, b.String(), 1) // want `the name is built in a strings.Builder`

	for i := range list {
		tel.Count(ctx, "item."+strconv.Itoa(i), 1) // want `the name is built by concatenation with strconv.Itoa\(i\)`
	}
	for _, s := range list {
		func() {
			tel.Count(ctx, "item."+s, 1) // want `the name is built by concatenation with s`
		}()
	}
}

func generic[T ~string](ctx context.Context, v T) {
	tel.Count(ctx, string("v."+v), 1) // want `the name is built by concatenation with v`
}

func helper(ctx context.Context, what string) {
	tel.Count(ctx, "helper."+what, 1) // want `the name is built by concatenation with what`
}

func callsHelper(ctx context.Context, u user) {
	helper(ctx, "constant")
	helper(ctx, u.Name)
}

// From here on nothing is wrong.

var prefix = "app"

func good(ctx context.Context, k kind, s state, name string, failed bool, u user) {
	const sub = "order"
	tel.Start(ctx, "order")
	tel.Start(ctx, "order.total_1")
	tel.Start(ctx, sub+"."+"total")
	tel.Start(ctx, name) // not known
	tel.Start(ctx, u.Name)
	tel.Start(ctx, fmt.Sprintf("%s.total", sub))
	tel.Count(ctx, prefix+".hits", 1)
	tel.Count(ctx, "kind."+string(k), 1)
	tel.Count(ctx, "state."+s.String(), 1)
	tel.Count(ctx, fmt.Sprintf("state.%v.%t", s, failed), 1)

	result := "ok"
	if failed {
		result = "failed"
	}
	tel.Count(ctx, "order."+result, 1)

	for _, part := range []string{"a", "b"} {
		tel.Count(ctx, "part."+part, 1)
	}
	for i := range 4 {
		tel.Count(ctx, fmt.Sprintf("part.p%d", i), 1)
	}
	for name, n := range map[string]int64{"x": 1, "y": 2} {
		tel.Count(ctx, "part."+name, n)
	}
	for _, c := range []struct {
		name string
		n    int64
	}{{"x", 1}, {"y", 2}} {
		tel.Count(ctx, "part."+c.name, c.n)
	}
	count := func(what string) { tel.Count(ctx, "good."+what, 1) }
	count("a")
	count("b")
	bounded(ctx, "a")
	slogtel.FromContext(ctx).Count(ctx, map[bool]string{true: "yes", false: "no"}[failed]+".answer", 1)
}

func bounded(ctx context.Context, what string) { tel.Count(ctx, "bounded."+what, 1) }

type other struct{}

func (other) Count(ctx context.Context, name string, n int64) {}

func notOurs(ctx context.Context, name string) { other{}.Count(ctx, "Not Ours "+name, 1) }
