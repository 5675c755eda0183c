package redact

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/slogtel/telemetry/internal/secrets"
)

// listTree is tree for a slice or an array.
func (w *walk) listTree(v reflect.Value) any {
	switch elem := v.Type().Elem(); {
	case elem.Kind() == reflect.Uint8 && elem.NumMethod() == 0:
		b := make([]byte, v.Len())
		reflect.Copy(reflect.ValueOf(b), v)
		return w.bytes(b)
	case isNumber(elem):
		own := reflect.MakeSlice(reflect.SliceOf(elem), v.Len(), v.Len())
		reflect.Copy(own, v)
		return own.Interface()
	}
	list := make([]any, 0, min(v.Len(), maxValues))
	after := false // the name of a secret, as in ["--password", "…"]
	for i := range v.Len() {
		if w.seen > maxValues {
			w.cuts += v.Len() - i - 1
			list = append(list, w.cut())
			break
		}
		if e := v.Index(i); after {
			list = append(list, w.masked())
		} else {
			list = append(list, w.tree(e))
		}
		name, isText := textOf(v.Index(i))
		after = isText && !after && w.isSecretName(name)
	}
	w.together(v, list)
	if _, ok := v.Interface().([]string); ok {
		return stringsOf(list)
	}
	return list
}

func textOf(v reflect.Value) (string, bool) {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if v.Kind() == reflect.String {
		return v.String(), true
	}
	return "", false
}

func stringsOf(list []any) []string {
	own := make([]string, len(list))
	for i := range list {
		own[i], _ = list[i].(string)
	}
	return own
}

// bytes returns b, which is the walk's own, as bytes without the secrets in them.
func (w *walk) bytes(b []byte) []byte {
	if f, ok := w.jsonText(b).(frozen); ok {
		return f.json.(json.RawMessage)
	}
	s := string(b)
	clean, changed := w.text(s)
	if !changed {
		return slices.Clone(b)
	}
	return []byte(clean)
}

// together hides what only the texts of a list make in a row, as most sinks write them: ["Bearer",
// "abc…"]. List is what has become of v.
func (w *walk) together(v reflect.Value, list []any) {
	texts, starts := make([]string, len(list)), make([]int, len(list)+1)
	var row strings.Builder
	n := 0
	for i := range list {
		if _, ok := list[i].(string); ok {
			n++
			if texts[i], ok = textOf(v.Index(i)); !ok {
				texts[i] = list[i].(string)
			}
		}
		row.WriteString(texts[i])
		row.WriteByte(' ')
		starts[i+1] = row.Len()
	}
	if n < 2 {
		return
	}
	i := 0
	for m := range secrets.Matches(row.String(), w.rules.kinds, w.rules.mask) {
		for i < len(list)-1 && starts[i+1]-1 <= m.Start {
			i++
		}
		for k := i; k < len(list) && starts[k] < m.End; k++ {
			from, to := max(m.Start-starts[k], 0), min(m.End, starts[k+1]-1)-starts[k]
			if now, ok := list[k].(string); ok && from < to && strings.Contains(now, texts[k][from:to]) {
				list[k] = w.rules.mask
				if now == texts[k] {
					list[k] = now[:from] + w.rules.mask + now[to:]
				}
				w.shapes++
			}
		}
	}
}
