package shipping

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/reporters/jsonlines"
)

// A mapping is one of Elasticsearch, as far as the index templates use it.
type mapping struct {
	Type             string             `json:"type"`
	Dynamic          *bool              `json:"dynamic"`
	Enabled          *bool              `json:"enabled"`
	IgnoreMalformed  bool               `json:"ignore_malformed"`
	Properties       map[string]mapping `json:"properties"`
	DynamicTemplates []map[string]struct {
		MatchMappingType string  `json:"match_mapping_type"`
		PathMatch        string  `json:"path_match"`
		Mapping          mapping `json:"mapping"`
	} `json:"dynamic_templates"`
}

// An index does with documents what Elasticsearch's documentation says of mappings: it
// looks a field up, or maps it as the first dynamic template that fits says, and refuses
// what has another kind.
type index struct {
	mapping
	used    map[string]bool    // fields that the template names
	dynamic map[string]mapping // the others
	limit   int                // of all of them
	lenient bool               // those beyond the limit are not indexed; else they are refused
}

func newIndex(t *testing.T, name string) *index {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(examples, "elasticsearch", name))
	require.NoError(t, err)
	var template struct {
		IndexPatterns []string `json:"index_patterns"`
		Template      struct {
			Mappings mapping
			Settings struct {
				Index struct {
					Mapping struct {
						TotalFields struct {
							Limit  int
							Ignore bool `json:"ignore_dynamic_beyond_limit"`
						} `json:"total_fields"`
					}
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal(data, &template))
	require.NotEmpty(t, template.IndexPatterns)
	fields := template.Template.Settings.Index.Mapping.TotalFields
	require.Positive(t, fields.Limit)
	return &index{template.Template.Mappings, make(map[string]bool), make(map[string]mapping), fields.Limit, fields.Ignore}
}

// add adds a document. Names with a dot are objects, as in Elasticsearch.
func (x *index) add(line []byte) error {
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	var document map[string]any
	if err := dec.Decode(&document); err != nil {
		return err
	}
	return x.object("", &x.mapping, document)
}

func (x *index) object(at string, m *mapping, members map[string]any) error {
	for _, key := range slices.Sorted(maps.Keys(members)) {
		in, name, v := m, key, members[key]
		prefix := at
		for {
			first, rest, dotted := strings.Cut(name, ".")
			if !dotted {
				break
			}
			child, ok := in.Properties[first]
			if !ok {
				return fmt.Errorf("%s%s is not in the template", at, key)
			}
			in, name, prefix = &child, rest, prefix+first+"."
		}
		if err := x.field(prefix+name, name, in, v); err != nil {
			return err
		}
	}
	return nil
}

func (x *index) field(full, name string, in *mapping, v any) error {
	m, named := in.Properties[name]
	switch {
	case named:
		x.used[full] = true
	case in.Dynamic != nil && !*in.Dynamic:
		return fmt.Errorf("%s is not in the template, and not to be added", full)
	default:
		var ok bool
		if m, ok = x.dynamic[full]; !ok {
			if m, ok = x.fitting(full, v); !ok {
				return nil // null
			}
			if len(x.dynamic)+len(x.names("", &x.mapping)) >= x.limit {
				if x.lenient {
					return nil
				}
				return fmt.Errorf("%s is one field too many", full)
			}
			x.dynamic[full] = m
		}
	}
	if list, ok := v.([]any); ok && m.Type != "flattened" && !disabled(m) {
		for _, v := range list {
			if err := x.field(full, name, in, v); err != nil {
				return err
			}
		}
		return nil
	}
	if members, ok := v.(map[string]any); ok && (m.Properties != nil || m.Type == "object") && !disabled(m) {
		return x.object(full+".", &m, members)
	}
	if m.IgnoreMalformed && !isObject(v) || accepts(m, v) {
		return nil
	}
	return fmt.Errorf("%s is %s, and the document has %v", full, m.Type, v)
}

func disabled(m mapping) bool { return m.Enabled != nil && !*m.Enabled }

func isObject(v any) bool { _, ok := v.(map[string]any); return ok }

// fitting returns the mapping of the first dynamic template for a field.
func (x *index) fitting(full string, v any) (mapping, bool) {
	kind := ""
	switch v := v.(type) {
	case nil:
		return mapping{}, false
	case []any:
		if len(v) == 0 {
			return mapping{}, false
		}
		return x.fitting(full, v[0])
	case map[string]any:
		kind = "object"
	case bool:
		kind = "boolean"
	case string:
		kind = "string"
	case json.Number:
		kind = "long"
		if strings.ContainsAny(v.String(), ".eE") {
			kind = "double"
		}
	}
	for _, t := range x.DynamicTemplates {
		for _, t := range t {
			matches := true
			if t.PathMatch != "" {
				matches, _ = path.Match(t.PathMatch, full)
			}
			if matches && (t.MatchMappingType == "" || t.MatchMappingType == kind) {
				return t.Mapping, true
			}
		}
	}
	return mapping{Type: kind}, true
}

// accepts reports whether a value is of a field's kind, without any leniency for fields
// of ours.
func accepts(m mapping, v any) bool {
	if v == nil || disabled(m) {
		return true
	}
	n, number := v.(json.Number)
	text, isText := v.(string)
	switch m.Type {
	case "keyword":
		return !isObject(v)
	case "text", "match_only_text":
		return isText
	case "date_nanos":
		_, err := time.Parse(time.RFC3339Nano, text)
		return isText && err == nil
	case "double":
		return number
	case "long":
		_, err := n.Int64()
		return number && err == nil
	case "integer":
		i, err := n.Int64()
		return number && err == nil && i >= math.MinInt32 && i <= math.MaxInt32
	case "boolean":
		_, ok := v.(bool)
		return ok
	case "flattened":
		return isObject(v)
	}
	return false
}

// names returns the fields that the template names, without those that only hold others.
func (x *index) names(at string, m *mapping) []string {
	var all []string
	for name, child := range m.Properties {
		if child.Properties != nil {
			all = append(all, x.names(at+name+".", &child)...)
		} else {
			all = append(all, at+name)
		}
	}
	return all
}

func TestIndexTemplates(t *testing.T) {
	for name, test := range map[string]struct {
		schema   jsonlines.Schema
		shippers []string // fields that are not in the lines
		own      string   // what the names of the caller's attributes begin with
	}{
		"index-template-flat.json": {jsonlines.Flat, []string{"@timestamp"}, ""},
		"index-template-ecs.json":  {jsonlines.ECS, nil, "labels."},
	} {
		t.Run(name, func(t *testing.T) {
			x := newIndex(t, name)
			for line := range bytes.Lines(everyLine(t, test.schema)) {
				require.NoError(t, x.add(line), "%s", line)
			}
			for _, field := range x.names("", &x.mapping) {
				assert.True(t, x.used[field] || slices.Contains(test.shippers, field), "no line has %s", field)
			}
			if test.schema == jsonlines.Flat {
				for _, key := range event.ReservedKeys() {
					assert.Contains(t, x.Properties, key, "the schema of records has it")
				}
			}
			require.NotEmpty(t, x.dynamic)
			for field := range x.dynamic {
				key, ok := strings.CutPrefix(field, test.own)
				assert.True(t, ok && strings.HasPrefix(key, ownPrefix), "the template does not name %s", field)
			}
		})
	}
}

// Attributes of ever new names fill an index up to its limit, and no document is refused.
func TestIndexTemplatesTakeAnyNumberOfAttributes(t *testing.T) {
	for name, schema := range map[string]jsonlines.Schema{
		"index-template-flat.json": jsonlines.Flat, "index-template-ecs.json": jsonlines.ECS,
	} {
		x := newIndex(t, name)
		var out bytes.Buffer
		h := jsonlines.New(&out, &jsonlines.Options{Schema: schema})
		for i := range 3000 {
			r := slog.NewRecord(time.Now(), slog.LevelInfo, "m", 0)
			r.AddAttrs(slog.Int(fmt.Sprint("attribute_", i), i))
			require.NoError(t, h.Handle(t.Context(), r))
		}
		for line := range bytes.Lines(out.Bytes()) {
			require.NoError(t, x.add(line), name)
		}
		assert.Equal(t, x.limit, len(x.dynamic)+len(x.names("", &x.mapping)))
		x.lenient = false
		require.ErrorContains(t, x.add([]byte(`{"`+map[bool]string{true: "labels", false: "x"}[schema == jsonlines.ECS]+`":{"new":"1"}}`)), "too many")
	}
}

// TestIndexCanRefuse shows that the index above is not content with everything.
func TestIndexCanRefuse(t *testing.T) {
	for _, line := range []string{
		`{"duration_s":"1s"}`, `{"depth":1.5}`, `{"scope":{"a":1}}`, `{"truncated":"yes"}`, `{"time":"now"}`,
		`{"source":{"line":"x"}}`, `{"call_count":9223372036854775808}`,
	} {
		assert.Error(t, newIndex(t, "index-template-flat.json").add([]byte(line)), line)
	}
	for _, line := range []string{
		`{"slogtel":{"new":1}}`, `{"slogtel":{"value":"12"}}`, `{"labels":{"a":{"b":1}}}`, `{"event.duration":1.5}`, `{"unknown.name":1}`,
	} {
		assert.Error(t, newIndex(t, "index-template-ecs.json").add([]byte(line)), line)
	}
}
