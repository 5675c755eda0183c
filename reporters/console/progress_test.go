package console

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// A root that takes long is shown on a terminal, in a line that is taken back.
func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out slogteltest.Buffer
		h := New(&out, &Options{Tree: true, NoTime: true})
		h.tree.terminal = true
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, h)
		ctx, root := tel.Start(context.Background(), "import")
		_, span := tel.Start(ctx, "copy")
		time.Sleep(2500 * time.Millisecond)
		assert.Equal(t, "... import 1s, 0 lines, last opened import.copy"+"\r\x1b[K"+"... import 2s, 0 lines, last opened import.copy", out.String())
		out.Reset()
		slog.New(h).Info("meanwhile")
		assert.Equal(t, "\r\x1b[KINF meanwhile\n", out.String())
		span.End()
		root.End()
		out.Reset()
		time.Sleep(time.Minute)
		assert.Empty(t, out.String(), "nothing is open")
		h.tree.mu.Lock()
		defer h.tree.mu.Unlock()
		assert.False(t, h.tree.ticking)
	})
}
