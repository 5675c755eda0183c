package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"unicode/utf8"

	"github.com/slogtel/telemetry/slogtel"
)

// piece is a document or, where that is too long for one batch, a part of it.
type piece struct {
	name   string
	text   string
	tokens int // estimated
}

// batch is what one request asks about.
type batch struct {
	number int // from 1
	pieces []piece
	tokens int // estimated
}

func (b batch) names() []string {
	names := make([]string, len(b.pieces))
	for i, p := range b.pieces {
		names[i] = p.name
	}
	return names
}

// estimateTokens is the usual rule of thumb, a token for four characters. How
// many there were the provider says afterwards.
func estimateTokens(text string) int {
	return (utf8.RuneCountInString(text) + 3) / 4
}

func estimateParts(parts []part) (tokens int) {
	for _, p := range parts {
		tokens += estimateTokens(p.Text)
	}
	return tokens
}

func estimate(batches []batch) (tokens int) {
	for _, b := range batches {
		tokens += b.tokens
	}
	return tokens
}

// makePlan cuts the documents into pieces and packs these into batches of at most
// limit estimated tokens.
func makePlan(ctx context.Context, tel *slogtel.Telemetry, docs []document, limit int) []batch {
	ctx, span := tel.Start(ctx, "plan", slog.Int("limit_tokens", limit))
	defer span.End()

	var pieces []piece
	_ = tel.Time(ctx, "split", func(context.Context) error {
		for _, d := range docs {
			pieces = append(pieces, split(d, limit)...)
		}
		return nil
	})
	var batches []batch
	_ = tel.Time(ctx, "pack", func(context.Context) error {
		batches = pack(pieces, limit, 1)
		return nil
	})

	tokens := estimate(batches)
	for _, b := range batches {
		tel.Histogram(ctx, "batch_tokens", float64(b.tokens))
	}
	tel.Count(ctx, "batches", int64(len(batches)))
	tel.Count(ctx, "estimated_tokens", int64(tokens))
	span.SetAttrs(slog.Int("batches", len(batches)), slog.Int("tokens", tokens))
	return batches
}

// split cuts a document that is longer than limit tokens, at the ends of lines
// where it can.
func split(d document, limit int) []piece {
	if n := estimateTokens(d.text); n <= limit {
		return []piece{{d.path, d.text, n}}
	}
	var texts []string
	for rest := d.text; rest != ""; {
		cut := cutAt(rest, limit*4)
		texts = append(texts, rest[:cut])
		rest = rest[cut:]
	}
	var pieces []piece
	for i, text := range texts {
		name := fmt.Sprintf("%s (part %d of %d)", d.path, i+1, len(texts))
		pieces = append(pieces, piece{name, text, estimateTokens(text)})
	}
	return pieces
}

// cutAt returns where to cut text so that at most this many characters come
// before: after the last line that fits, or within a line that is longer.
func cutAt(text string, chars int) int {
	end := len(text)
	for i := range text {
		if chars == 0 {
			end = i
			break
		}
		chars--
	}
	if end < len(text) {
		if line := strings.LastIndexByte(text[:end], '\n'); line >= 0 {
			return line + 1
		}
	}
	return end
}

// pack fills one batch after the other, in order, so that neighbours in a folder
// are asked about together. A batch holds at least atLeast pieces, even where
// these exceed the limit, but for the last.
func pack(pieces []piece, limit, atLeast int) []batch {
	var batches []batch
	for _, p := range pieces {
		n := len(batches) - 1
		if n < 0 || batches[n].tokens+p.tokens > limit && len(batches[n].pieces) >= atLeast {
			n++
			batches = append(batches, batch{number: n + 1})
		}
		batches[n].pieces = append(batches[n].pieces, p)
		batches[n].tokens += p.tokens
	}
	return batches
}
