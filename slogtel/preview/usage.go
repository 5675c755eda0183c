package preview

import (
	"cmp"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/slogtel/telemetry/internal/secrets"
)

// wellKnown ranks the token counts that the providers give; smaller is more telling. The names are plain.
var wellKnown = map[string]int{
	"prompttokencount": 1, "prompttokens": 1, "inputtokens": 1, "inputtokencount": 1, "promptevalcount": 1,
	"inputtexttokencount": 1, "totalinputtokens": 1,
	"candidatestokencount": 2, "completiontokens": 2, "outputtokens": 2, "outputtokencount": 2, "responsetokencount": 2, "evalcount": 2,
	"generationtokencount": 2, "tokencount": 2, "totaloutputtexttokencount": 2, "totaloutputtokens": 2,
	"totaltokencount": 3, "totaltokens": 3,
	"thoughtstokencount": 4, "reasoningtokens": 4, "thinkingtokens": 4, "totalthoughttokens": 4,
	"cachedcontenttokencount": 5, "cachereadinputtokens": 5, "cachereadinputtokencount": 5, "cachedtokens": 5, "cachedinputtokens": 5,
	"totalcachedtokens": 5, "numcachedtokens": 5, "promptcachehittokens": 5,
	"cachecreationinputtokens": 6, "cachewriteinputtokens": 6, "cachewriteinputtokencount": 6, "promptcachemisstokens": 6,
	"tooluseprompttokencount": 7, "totaltoolusetokens": 7,
}

// rank orders the names of usage entries: the well-known ones, then the rest.
func rank(name string) int {
	var buf [maxPlain]byte
	if n := wellKnown[string(plain(&buf, name))]; n > 0 {
		return n
	}
	return math.MaxInt
}

// usage holds the best maxUsage entries seen, in order.
type usage []entry

type entry struct {
	name  string
	rank  int
	value view
}

func (e entry) compare(f entry) int {
	return cmp.Or(cmp.Compare(e.rank, f.rank), strings.Compare(e.name, f.name))
}

// set takes the scalars among an object's members, or only those that are well known,
// and the well-known ones in objects inside it. What was set before under other names
// stays: the chunks of a stream bring their counts one by one.
func (u *usage) set(v view, knownOnly bool) {
	if v.kind != object {
		return
	}
	var billed view
	seen := make(map[string]bool, maxUsage)
	nested := false
	v.members(func(name string, m view) bool {
		nested = nested || m.kind == pending || m.kind == object
		if u.wanted(name, knownOnly) {
			seen[name] = u.put(name, m.open())
		}
		return true
	})
	if !nested {
		return
	}
	v.members(func(name string, m view) bool {
		if m = m.open(); m.kind != object {
			return true
		}
		var buf [maxPlain]byte
		if string(plain(&buf, name)) == "billedunits" { // Cohere has them beside those that were used
			billed = m
			return true
		}
		m.members(func(inner string, m view) bool {
			if !seen[inner] && u.wanted(inner, true) {
				seen[inner] = u.put(inner, m.open())
			}
			return len(seen) < maxMembers
		})
		return true
	})
	billed.members(func(name string, m view) bool {
		if seen[name] {
			name = "billed_units." + name
		}
		if u.wanted(name, false) {
			u.put(name, m.open())
		}
		return true
	})
}

// wanted reports whether an entry of this name would be among the best.
func (u usage) wanted(name string, knownOnly bool) bool {
	e := entry{name: name, rank: rank(name)}
	return (!knownOnly || e.rank < math.MaxInt) && (len(u) < maxUsage || e.compare(u[len(u)-1]) <= 0)
}

// put sets one entry. A count that is there is not replaced by 0: in the structs of
// some SDKs each chunk of a stream has all counts.
func (u *usage) put(name string, v view) bool {
	e := entry{name: name, rank: rank(name), value: v}
	value, ok := e.scalar()
	if !ok {
		return false
	}
	at, taken := slices.BinarySearchFunc(*u, e, entry.compare)
	switch {
	case !taken:
		*u = slices.Insert(*u, at, e)
		*u = (*u)[:min(len(*u), maxUsage)]
	case value != any(int64(0)):
		(*u)[at] = e
	}
	return true
}

// known reports whether a well-known count is among the entries.
func (u usage) known() bool { return len(u) > 0 && u[0].rank < math.MaxInt }

// scalars are the entries as they are shown.
func (u usage) scalars() map[string]any {
	if len(u) == 0 {
		return nil
	}
	m := make(map[string]any, len(u))
	for _, e := range u {
		m[clip{s: e.name}.cut(maxScalar)], _ = e.scalar()
	}
	return m
}

// scalar is the entry's value as a number, a truth value or a short text. What has no JSON is none.
func (e entry) scalar() (value any, ok bool) {
	v := e.value
	if secrets.KeyOf(e.name, secrets.All) {
		return secrets.Mask, true
	}
	switch v.kind {
	case boolean:
		return v.isTrue(), true
	case text:
		return v.clip(window(maxScalar)).cut(maxScalar), true
	case number:
		s := v.scalarText()
		if hidden, n := secrets.Text(s); n > 0 { // a card number
			return hidden, true
		}
		return parseNumber(s)
	}
	return nil, false
}

// parseNumber returns an int64, a uint64 or a finite float64.
func parseNumber(s string) (value any, ok bool) {
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return i, true
	}
	if u, err := strconv.ParseUint(s, 10, 64); err == nil {
		return u, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return nil, false
	}
	return f, true
}

// usageAttrs is usage in its order, as attributes.
func usageAttrs(m map[string]any) []slog.Attr {
	entries := make(usage, 0, len(m))
	for name := range m {
		entries = append(entries, entry{name: name, rank: rank(name)})
	}
	slices.SortFunc(entries, entry.compare)
	attrs := make([]slog.Attr, len(entries))
	for i, e := range entries {
		attrs[i] = slog.Any(e.name, m[e.name])
	}
	return attrs
}
