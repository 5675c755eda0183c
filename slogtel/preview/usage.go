package preview

import (
	"cmp"
	"log/slog"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/slogtel/telemetry/internal/secrets"
)

// wellKnown ranks the token counts that the providers give; smaller is more telling. The names are plain.
var wellKnown = map[string]int{
	"prompttokencount": 1, "prompttokens": 1, "inputtokens": 1, "inputtokencount": 1, "promptevalcount": 1,
	"candidatestokencount": 2, "completiontokens": 2, "outputtokens": 2, "outputtokencount": 2, "responsetokencount": 2, "evalcount": 2,
	"totaltokencount": 3, "totaltokens": 3,
	"thoughtstokencount": 4, "reasoningtokens": 4, "thinkingtokens": 4,
	"cachedcontenttokencount": 5, "cachereadinputtokens": 5, "cachedtokens": 5,
	"cachecreationinputtokens": 6,
	"tooluseprompttokencount":  7,
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

// set takes the scalars among an object's members, or only those that are well known. Without any, what
// was set before stays.
func (u *usage) set(v view, knownOnly bool) {
	best := make(usage, 0, maxUsage+1)
	v.members(func(name string, m view) bool {
		e := entry{name: name, rank: rank(name)}
		if knownOnly && e.rank == math.MaxInt || len(best) == maxUsage && e.compare(best[maxUsage-1]) >= 0 {
			return true
		}
		if e.value = m.open(); e.value.kind != number && e.value.kind != boolean && e.value.kind != text {
			return true
		}
		at, taken := slices.BinarySearchFunc(best, e, entry.compare)
		if taken {
			return true
		}
		if _, ok := e.scalar(); ok {
			best = slices.Insert(best, at, e)
			best = best[:min(len(best), maxUsage)]
		}
		return true
	})
	if len(best) > 0 {
		*u = best
	}
}

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
	for name, value := range m {
		entries = append(entries, entry{name: name, rank: rank(name), value: view{val: reflect.ValueOf(value)}})
	}
	slices.SortFunc(entries, entry.compare)
	attrs := make([]slog.Attr, len(entries))
	for i, e := range entries {
		attrs[i] = slog.Any(e.name, m[e.name])
	}
	return attrs
}
