package bench
import ("testing";"log/slog";"context";"time";"unsafe")
type rec struct { Time time.Time; Message string; Level slog.Level; PC uintptr; front [5]slog.Attr; nFront int; back []slog.Attr }
//go:noinline
func build2(h slog.Handler, n int, f float64) {
	var r slog.Record
	p := (*rec)(unsafe.Pointer(&r))
	p.Message = "telemetry.timing"
	p.front = [...]slog.Attr{slog.String("scope","bench"),slog.Int("depth",n),slog.String("parent_scope",""),{Key:"metric_type",Value:mv},
	slog.Int("call_count",n)}
	p.nFront = 5
	back := make([]slog.Attr, 6)
	back[0],back[1],back[2],back[3],back[4],back[5] = slog.Float64("duration_s",f),slog.Float64("start_monotonic_s",f),slog.Float64("end_monotonic_s",f),slog.Float64("start_wall_time_s",f),slog.Float64("end_wall_time_s",f),slog.String("model","m")
	p.back = back
	h.Handle(context.Background(), r)
}
func BenchmarkFloorUnsafe(b *testing.B) {
	var h slog.Handler = discard{}
	b.ReportAllocs()
	for b.Loop() { build2(h, 5, 1.5) }
}
var bk []slog.Attr
func BenchmarkFloorBack(b *testing.B) {
	for b.Loop() { bk = make([]slog.Attr, 6) }
}
