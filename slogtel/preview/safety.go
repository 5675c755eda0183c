package preview

import "github.com/slogtel/telemetry/internal/secrets"

// maxRatings is how many ratings are taken.
const maxRatings = 16

// ratings sum up how filters judged a response: CATEGORY=PROBABILITY, with what they
// blocked or filtered marked. Of a category the last rating counts, as each chunk of a
// stream brings its own.
type ratings struct {
	list    []rating
	refusal pieces // the words in which the model itself refuses
}

type rating struct {
	name  clip
	sep   string
	level clip
	mark  string
}

// put takes a rating, in place of one with the same name.
func (r *ratings) put(new rating) {
	for i, old := range r.list {
		if old.name.s == new.name.s && (new.name.s != "" || old.level.s == new.level.s) {
			r.list[i] = new
			return
		}
	}
	if len(r.list) < maxRatings {
		r.list = append(r.list, new)
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
		r.put(rating{name: clip{s: "prompt blocked"}, sep: ": ", level: reason})
	}
	if why := word(v.get("blockreasonmessage")); why.s != "" {
		r.put(rating{level: why})
	}
	r.add(v.get("safetyratings"))
}

// refuse takes the words, or some of them, in which OpenAI's models refuse.
func (r *ratings) refuse(v view) {
	if v.kind == text {
		r.refusal.add(word(v))
	}
}

// add takes a text, a list of ratings (Gemini), or an object of them by category (Azure).
func (r *ratings) add(v view) {
	n := 0
	switch v.kind {
	case text:
		if w := word(v); w.s != "" {
			r.put(rating{level: w})
		}
	case array:
		v.elems(func(e view) bool {
			if e = e.open(); e.kind == object {
				r.rate(word(e.get("category", "name", "type")), e)
			} else {
				r.add(plainText(e))
			}
			n++
			return n < maxRatings
		})
	case object:
		v.members(func(name string, m view) bool {
			r.rate(clip{s: name}, m.open())
			n++
			return n < maxRatings
		})
	}
}

// rate takes one rating: an object that says how likely or severe it is, or a scalar.
func (r *ratings) rate(category clip, v view) {
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
		r.put(rating{category, "=", level, mark})
	}
}

// String is the sum, sanitized.
func (r *ratings) String() string {
	sum := pieces{max: window(maxSafety)}
	list := r.list
	if refusal := r.refusal.clip(); refusal.s != "" {
		list = append(list[:len(list):len(list)], rating{clip{s: "refusal"}, ": ", refusal, ""})
	}
	for _, one := range list {
		if sum.parts > 0 {
			sum.add(clip{s: ", "})
		}
		for _, c := range [...]clip{one.name, {s: one.sep}, one.level, {s: one.mark}} {
			sum.add(c)
		}
	}
	return sum.clip().cut(maxSafety)
}
