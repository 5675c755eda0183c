package redact

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/slogtel/telemetry/internal/jsonenc"
	"github.com/slogtel/telemetry/internal/secrets"
)

// jsonText returns JSON without the secrets in it, as a frozen value; nil where b is no JSON
// object, list or text.
func (w *walk) jsonText(b []byte) any {
	j := jsonCleaner{walk: w, dec: json.NewDecoder(bytes.NewReader(b))}
	j.dec.UseNumber()
	before := *w
	err := j.value()
	if errors.Is(err, errCut) {
		return frozen{json.RawMessage(j.out), string(j.out)}
	}
	if err != nil {
		*w = before
		return nil
	}
	if _, err := j.dec.Token(); !errors.Is(err, io.EOF) {
		*w = before
		return nil
	}
	if w.names == before.names && w.shapes == before.shapes && w.cuts == before.cuts && !w.dirty(string(b)) {
		return frozen{json.RawMessage(bytes.Clone(b)), string(b)}
	}
	if s := string(j.out); len(w.rules.allow.names)+len(w.rules.allow.paths) == 0 && w.dirtyBeyondMask(s) {
		// What only the pieces together make: there is no telling where JSON may be cut.
		s, _ = w.text(s)
		j.out = jsonenc.AppendString(nil, s)
	}
	return frozen{json.RawMessage(j.out), string(j.out)}
}

// raw returns raw JSON, or a text in its place where it is none.
func (w *walk) raw(x json.RawMessage) any {
	if len(x) == 0 {
		return json.RawMessage(nil)
	}
	if f, ok := w.jsonText(x).(frozen); ok {
		return f.json
	}
	s, _ := w.text(string(x))
	return s
}

// bytes returns b, which is the walk's own, as bytes without the secrets in them.
func (w *walk) bytes(b []byte) []byte {
	if f, ok := w.jsonText(b).(frozen); ok {
		return f.json.(json.RawMessage)
	}
	s := string(b)
	clean, changed := w.text(s)
	if !changed {
		return b
	}
	return []byte(clean)
}

// jsonCleaner writes JSON anew, piece by piece, so that order and doubled names stay.
type jsonCleaner struct {
	*walk
	dec *json.Decoder
	out []byte
}

var (
	errNoJSON = errors.New("no JSON")
	errCut    = errors.New("cut off") // what is written so far is whole, the rest is not read
)

// value writes the next value.
func (j *jsonCleaner) value() error {
	if !j.next() {
		j.out = jsonenc.AppendString(j.out, j.cut())
		if j.seen > maxValues {
			return errCut
		}
		return j.skip()
	}
	tok, err := j.dec.Token()
	if err != nil {
		return err
	}
	switch tok := tok.(type) {
	case json.Delim:
		j.depth++
		defer func() { j.depth-- }()
		if tok == '{' {
			return j.object()
		}
		if tok == '[' {
			return j.list()
		}
		return errNoJSON
	case string:
		s, _ := j.text(tok)
		j.out = jsonenc.AppendString(j.out, s)
	case json.Number:
		j.out = append(j.out, tok...)
	case bool:
		j.out = jsonenc.AppendBool(j.out, tok)
	default:
		j.out = append(j.out, "null"...)
	}
	return nil
}

func (j *jsonCleaner) object() error {
	j.out = append(j.out, '{')
	labeled := false
	valueFrom, valueTo := 0, 0 // where the value of a label is that may come later
	for n := 0; j.dec.More(); n++ {
		tok, err := j.dec.Token()
		name, ok := tok.(string)
		if err != nil || !ok {
			return errNoJSON
		}
		if n > 0 {
			j.out = append(j.out, ',')
		}
		key, _ := j.name(name)
		j.out = jsonenc.AppendKey(j.out, key)
		f := j.rules.facts(name)
		if j.hidesAs(f, name) && !f.path || labeled && isLabeled(name) {
			err = j.hide()
		} else {
			from := len(j.out)
			j.enter(name)
			err = j.value()
			j.leave()
			if (f.path || f.judged) && !f.allowed && err == nil {
				j.judge(name, from)
			}
			labeled = labeled || isLabel(name) && j.saysSecret(j.out[from:])
			if isLabeled(name) {
				valueFrom, valueTo = from, len(j.out)
			}
			if labeled && valueTo > 0 {
				rest := append([]byte(nil), j.out[valueTo:]...)
				j.out = append(jsonenc.AppendString(j.out[:valueFrom], j.masked()), rest...)
				valueTo = 0
			}
		}
		if err != nil {
			j.out = append(j.out, '}')
			return err
		}
	}
	j.out = append(j.out, '}')
	_, err := j.dec.Token()
	return err
}

func (j *jsonCleaner) list() error {
	j.out = append(j.out, '[')
	after := false
	for n := 0; j.dec.More(); n++ {
		if n > 0 {
			j.out = append(j.out, ',')
		}
		from := len(j.out)
		var err error
		if after {
			err = j.hide()
		} else {
			err = j.value()
		}
		if err != nil {
			j.out = append(j.out, ']')
			return err
		}
		after = !after && j.saysSecret(j.out[from:])
	}
	j.out = append(j.out, ']')
	_, err := j.dec.Token()
	return err
}

// saysSecret reports whether what was just written is the name of a secret.
func (j *jsonCleaner) saysSecret(written []byte) bool {
	return len(written) > 2 && len(written) < maxPath && written[0] == '"' && j.isSecretName(string(written[1:len(written)-1]))
}

// judge hides the text that was just written under a name that may mean other things, if it looks like a secret.
func (j *jsonCleaner) judge(name string, from int) {
	var s string
	if written := j.out[from:]; written[0] == '"' && json.Unmarshal(written, &s) == nil && secrets.PairOf(name, s, j.rules.kinds) && s != j.rules.mask {
		j.out = jsonenc.AppendString(j.out[:from], j.masked())
	}
}

// hide writes the mask for the next value.
func (j *jsonCleaner) hide() error {
	j.out = jsonenc.AppendString(j.out, j.masked())
	if !j.next() && j.seen > maxValues {
		j.cuts++
		return errCut
	}
	return j.skip()
}

// skip reads over the next value.
func (j *jsonCleaner) skip() error {
	for depth := 0; ; {
		tok, err := j.dec.Token()
		if err != nil {
			return err
		}
		switch tok {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}
