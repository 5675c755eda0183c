package bench
import ("testing";"log/slog";"context";"time")
type mt string
func (m mt) LogValue() slog.Value { return slog.StringValue(string(m)) }
var mv = slog.AnyValue(mt("timing"))
//go:noinline
func build(h slog.Handler, n int, f float64) {
	list := [...]slog.Attr{slog.String("scope","bench"),slog.Int("depth",n),slog.String("parent_scope",""),{Key:"metric_type",Value:mv},
	slog.Int("call_count",n),slog.Float64("duration_s",f),slog.Float64("start_monotonic_s",f),slog.Float64("end_monotonic_s",f),slog.Float64("start_wall_time_s",f),slog.Float64("end_wall_time_s",f),slog.String("model","m")}
	r := slog.NewRecord(time.Time{}, 0, "telemetry.timing", 0)
	r.AddAttrs(list[:]...)
	h.Handle(context.Background(), r)
}
func BenchmarkFloor(b *testing.B) {
	var h slog.Handler = discard{}
	b.ReportAllocs()
	for b.Loop() { build(h, 5, 1.5) }
}
var st = time.Now()
var sink int64
func BenchmarkFloorClock(b *testing.B){for b.Loop(){sink=time.Now().UnixNano(); sink+=int64(time.Since(st))}}
type sp struct { a [18]*int }
var spk *sp
func BenchmarkFloorAlloc(b *testing.B){for b.Loop(){spk=new(sp)}}
