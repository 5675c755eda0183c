package httptel

import (
	"strings"

	"github.com/slogtel/telemetry/internal/names"
	"github.com/slogtel/telemetry/scope"
)

const (
	maxNameLength = 96   // of a route's part of a scope name, before it is cut
	maxPattern    = 1024 // a longer one is no pattern
)

// A named is the scope name that stands for a key, such as a route pattern.
type named struct {
	route string // what http.route is: the key, or the key without a method
	name  string
	fixed bool // the key is a pattern of one path
}

// nameTable gives each key its scope name, once.
type nameTable struct {
	names.Table[*named]
	build    func(key string) string // makes a name; not necessarily a valid one
	unique   bool                    // two keys never have the same name
	overflow named
}

func newNameTable(overflow string, unique bool, build func(string) string) *nameTable {
	return &nameTable{build: build, unique: unique, overflow: named{name: overflow}}
}

// find returns what stands for the key of a pattern, or the overflow when there are too many or key
// is too long.
func (t *nameTable) find(key, pattern string) *named {
	if n, ok := t.Get(key); ok {
		return n
	}
	if len(key) > maxPattern || t.Full() {
		return &t.overflow
	}
	name := scope.Sanitize(t.build(key))
	n, ok := t.Add(key, func(key string) *named {
		if t.unique {
			name = t.Unique(name, key)
		}
		return &named{route: strings.Clone(pattern), name: name, fixed: !strings.Contains(key, "{") && !strings.HasSuffix(key, "/")}
	})
	if !ok {
		return &t.overflow
	}
	return n
}

// RouteName is the default scope name of a route pattern, in the syntax of
// [net/http.ServeMux] or one like it: "http.server." and the method, the host and
// the segments of the path, in lower case, joined by underscores.
//
//	GET /users/{id}         http.server.get_users_id
//	/static/                http.server.static_tree
//	GET /files/{path...}    http.server.get_files_path
//	POST /users/{$}         http.server.post_users_index
//	/                       http.server.root
//	example.com/{$}         http.server.example_com_index
//
// The patterns /users/:id and /files/* of other routers are named as /users/{id} and /files/.
// Other bytes than ASCII letters and digits are underscores, too. A name that would be long is
// cut and ends in a hash of the pattern.
func RouteName(pattern string) string {
	method, rest := "", strings.TrimSpace(pattern)
	if i := strings.IndexAny(rest, " \t"); i >= 0 {
		method, rest = rest[:i], strings.TrimSpace(rest[i:])
	}
	words := make([]byte, 0, 64)
	words = appendWord(words, method)
	if strings.Trim(rest, "/") == "" {
		words = appendWord(words, "root")
	} else {
		for segment := range strings.SplitSeq(rest, "/") {
			words = appendWord(words, routeWord(segment))
			if len(words) > maxNameLength {
				break
			}
		}
		if strings.HasSuffix(rest, "/") || strings.HasSuffix(rest, "/*") {
			words = appendWord(words, "tree")
		}
	}
	if len(words) > maxNameLength {
		words = append(append(words[:maxNameLength-9], '_'), names.Hash(pattern)...)
	}
	if len(words) == 0 {
		words = append(words, "route"...)
	}
	return scope.Sanitize("http.server." + string(words))
}

// routeWord is what a segment of a pattern is called in a name.
func routeWord(segment string) string {
	if len(segment) < 2 || segment[0] != '{' || segment[len(segment)-1] != '}' {
		return segment
	}
	inner := segment[1 : len(segment)-1]
	if inner == "$" {
		return "index"
	}
	inner, _, _ = strings.Cut(inner, ":") // {id:[0-9]+} of other routers
	return strings.TrimSuffix(inner, "...")
}

// appendWord appends the letters and digits of word, in lower case, what is between
// them as one underscore, and an underscore before it all.
func appendWord(dst []byte, word string) []byte {
	gap := len(dst) > 0
	for i := 0; i < len(word) && len(dst) <= maxNameLength; i++ {
		c := word[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if (c < 'a' || 'z' < c) && (c < '0' || '9' < c) {
			gap = len(dst) > 0
			continue
		}
		if gap {
			dst = append(dst, '_')
			gap = false
		}
		dst = append(dst, c)
	}
	return dst
}
