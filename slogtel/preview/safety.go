package preview

import "github.com/slogtel/telemetry/internal/secrets"

// ratings sums up what filters said of a response: CATEGORY=PROBABILITY, with what they blocked or
// filtered marked.
type ratings struct {
	sum pieces
}

// maxRatings is how many ratings of one list are taken.
const maxRatings = 16

// item adds an item to the sum.
func (r *ratings) item(words ...clip) {
	r.sum.max = window(maxSafety)
	if r.sum.parts > 0 {
		r.sum.add(clip{s: ", "})
	}
	for _, w := range words {
		r.sum.add(w)
	}
}

// word is the text of a scalar.
func word(v view) clip {
	switch v.kind {
	case text:
		return v.clip(window(maxSafety))
	case number, boolean:
		return clip{s: v.scalarText()}
	}
	return clip{}
}

// prompt takes Gemini's promptFeedback.
func (r *ratings) prompt(v view) {
	if reason := word(v.get("blockreason")); reason.s != "" {
		r.item(clip{s: "prompt blocked: "}, reason)
	}
	r.add(v.get("safetyratings"))
}

// refusal takes the words in which OpenAI's models refuse.
func (r *ratings) refusal(v view) {
	if w := word(v); w.s != "" {
		r.item(clip{s: "refusal: "}, w)
	}
}

// add takes a text, a list of ratings (Gemini), or an object of them by category (Azure).
func (r *ratings) add(v view) {
	n := 0
	switch v.kind {
	case text:
		if w := word(v); w.s != "" {
			r.item(w)
		}
	case array:
		v.elems(func(e view) bool {
			if e = e.open(); e.kind == object {
				r.rating(word(e.get("category", "name", "type")), e)
			} else {
				r.add(plainText(e))
			}
			n++
			return n < maxRatings
		})
	case object:
		v.members(func(name string, m view) bool {
			r.rating(clip{s: name}, m.open())
			n++
			return n < maxRatings
		})
	}
}

// rating takes one rating: an object that says how likely or severe it is, or a scalar.
func (r *ratings) rating(category clip, v view) {
	level, mark := word(v), ""
	if v.kind == object {
		level = word(v.get("probability", "severity", "level", "score", "blocked", "filtered", "detected", "flagged"))
		switch {
		case v.get("blocked").isTrue():
			mark = "(blocked)"
		case v.get("filtered").isTrue():
			mark = "(filtered)"
		}
	}
	if category.s != "" && level.s != "" {
		if secrets.KeyOf(category.s, secrets.All) {
			level = clip{s: secrets.Mask}
		}
		r.item(category, clip{s: "="}, level, clip{s: mark})
	}
}

// String is the sum, sanitized.
func (r *ratings) String() string { return r.sum.clip().cut(maxSafety) }
