package jsonlines_test

import (
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/slogtel/telemetry/handlers/slogjson"
	"github.com/slogtel/telemetry/reporters/jsonlines"
)

// The record with eleven attributes that issue B measures.
func benchTiming() slog.Record { return timingRecord(slog.String("model", "gemini-2.5-flash")) }

func BenchmarkJSON(b *testing.B) {
	app := logRecord("request done", slog.String("method", "GET"), slog.String("path", "/v1/users"), slog.Int("status", 200),
		slog.Float64("seconds", 0.0123), slog.Bool("cached", false))
	for _, r := range []struct {
		name string
		slog.Record
	}{{"timing", benchTiming()}, {"log", app}} {
		for _, h := range []struct {
			name string
			slog.Handler
		}{
			{"slog", slog.NewJSONHandler(io.Discard, nil)},
			{"handlers", slogjson.New(io.Discard, nil)},
			{"flat", jsonlines.New(io.Discard, nil)},
			{"flat-special", jsonlines.New(io.Discard, &jsonlines.Options{Service: "svc", Version: "1", Environment: "prod", FixedTime: true})},
			{"flat-grouped", withMore(jsonlines.New(io.Discard, nil))},
			{"ecs", jsonlines.New(io.Discard, &jsonlines.Options{Schema: jsonlines.ECS})},
		} {
			b.Run(r.name+"/"+h.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					_ = h.Handle(bg, r.Record)
				}
			})
		}
	}
}

func BenchmarkJSONFile(b *testing.B) {
	r := benchTiming()
	for _, o := range []struct {
		name string
		jsonlines.FileOptions
	}{
		{"plain", jsonlines.FileOptions{}},
		{"rotating", jsonlines.FileOptions{MaxSize: 16 << 20, Interval: 1 << 50, MaxBackups: 1}},
		{"buffered", jsonlines.FileOptions{BufferSize: 64 << 10}},
	} {
		file := func(b *testing.B) *jsonlines.File {
			f, err := jsonlines.Open(filepath.Join(b.TempDir(), "f.jsonl"), &o.FileOptions)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.Cleanup(func() {
				_ = f.Shutdown(bg)
				if s := f.Stats(); s.Dropped > 0 {
					b.Fatal(s)
				}
			})
			return f
		}
		b.Run(o.name, func(b *testing.B) {
			f := file(b)
			for b.Loop() {
				_ = f.Handle(bg, r)
			}
		})
		b.Run(o.name+"/parallel", func(b *testing.B) {
			f := file(b)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					_ = f.Handle(bg, r)
				}
			})
		})
	}
}

// What a line over the limit costs besides.
func BenchmarkJSONCut(b *testing.B) {
	many, numbers := map[string]int{}, make([]int, 1<<20)
	for i := range 50000 {
		many[fmt.Sprint("k", i)] = i
	}
	for name, r := range map[string]slog.Record{
		"10MB-text": timingRecord(slog.String("a", strings.Repeat("x", 10<<20))),
		"50k-keys":  timingRecord(slog.Any("a", many)),
		"numbers":   timingRecord(slog.Any("a", numbers)),
	} {
		for limit, kind := range map[int]string{0: "cut", -1: "whole"} {
			h := jsonlines.New(io.Discard, &jsonlines.Options{MaxLine: limit})
			b.Run(name+"/"+kind, func(b *testing.B) {
				for b.Loop() {
					_ = h.Handle(bg, r)
				}
			})
		}
	}
}
