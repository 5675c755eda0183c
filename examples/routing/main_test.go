package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/examples/internal/runmain"
)

func TestMain(m *testing.M) { runmain.Main(m, main) }

func Example_levels() {
	_ = levels(os.Stdout)
	// Output:
	// slogtel: reporter #0 *slog.TextHandler: not enabled for the level of events, DEBUG: it gets those that failed, at ERROR, and no other
	// level=ERROR msg="order refused" item=bomb
	// level=ERROR msg=telemetry.timing scope=order error="not for sale" item=bomb
	// lines in the file: 7
}

func Example_firstMatch() {
	_ = firstMatch(os.Stdout)
	// Output:
	// level=ERROR msg="order refused" item=bomb
	// level=ERROR msg=telemetry.timing scope=order error="not for sale" item=bomb
	// in the file:
	// level=INFO msg=telemetry.metric scope=order.sold value=1
	// level=INFO msg=telemetry.timing scope=order item=ball
	// level=INFO msg=telemetry.metric scope=order.sold value=1
	// level=INFO msg=telemetry.timing scope=order item=kite
	// in the log:
	// level=INFO msg="shop opens"
}

func Example_failover() {
	_ = failover(os.Stdout)
	// Output:
	// level=INFO msg=telemetry.metric scope=order.sold value=1
	// level=INFO msg=telemetry.timing scope=order item=ball
	// in the spare:
	// level=INFO msg=telemetry.metric scope=order.sold value=1
	// level=INFO msg=telemetry.timing scope=order item=kite
	// level=ERROR msg=telemetry.timing scope=order error="not for sale" item=bomb
	// errors of the whole: 0
}

func Example_pool() {
	_ = pool(os.Stdout)
	// Output:
	// each took some: true, together: 150
}

func TestRecipes(t *testing.T) {
	stdout, _, code := runmain.Run(t, t.TempDir())
	assert.Zero(t, code)
	for _, r := range recipes {
		assert.Contains(t, stdout, "--- "+r.name+"\n")
	}
	stdout, _, code = runmain.Run(t, t.TempDir(), "levels")
	assert.Zero(t, code)
	assert.NotContains(t, stdout, "--- pool")
	_, stderr, code := runmain.Run(t, t.TempDir(), "nonsense")
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, `"nonsense"`)
}
