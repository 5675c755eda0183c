package httptel

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/names"
	"github.com/slogtel/telemetry/scope"
)

func TestRouteName(t *testing.T) {
	for pattern, want := range map[string]string{
		"GET /users/{id}":            "http.server.get_users_id",
		"/users/{id}/posts/{post}":   "http.server.users_id_posts_post",
		"/":                          "http.server.root",
		"GET /":                      "http.server.get_root",
		"GET /{$}":                   "http.server.get_index",
		"/static/":                   "http.server.static_tree",
		"POST /users/{$}":            "http.server.post_users_index",
		"GET /files/{path...}":       "http.server.get_files_path",
		"example.com/{$}":            "http.server.example_com_index",
		"GET example.com/a":          "http.server.get_example_com_a",
		"GET  \t /a":                 "http.server.get_a",
		"/api/v1/User-Profiles.json": "http.server.api_v1_user_profiles_json",
		"/2fa":                       "http.server.x2fa",
		"/users/{id:[0-9]+}":         "http.server.users_id",
		"/users/:id/*rest":           "http.server.users_id_rest",
		"/日本":                        "http.server.route",
		"/日本/a":                      "http.server.a",
		"/a//b":                      "http.server.a_b",
		"":                           "http.server.root",
		"//":                         "http.server.root",
		"/{}/{":                      "http.server.route",
	} {
		assert.Equal(t, want, RouteName(pattern), pattern)
	}
	long := RouteName("GET /" + strings.Repeat("abc/", 200))
	assert.LessOrEqual(t, len(long), len("http.server.")+maxNameLength)
	assert.NotEqual(t, long, RouteName("GET /"+strings.Repeat("abc/", 201)))
}

func find(t *nameTable, key string) *named { return t.find(key, key) }

func TestNamesAreUnique(t *testing.T) {
	table := newNameTable("over", true, RouteName)
	a, b, c := find(table, "GET /users/{id}"), find(table, "GET /users/id"), find(table, "GET /users/{id...}")
	assert.Equal(t, "http.server.get_users_id", a.name)
	assert.Equal(t, "http.server.get_users_id_"+names.Hash("GET /users/id"), b.name)
	assert.Equal(t, "http.server.get_users_id_"+names.Hash("GET /users/{id...}"), c.name)
	assert.Same(t, a, find(table, "GET /users/{id}"))
	assert.Equal(t, "GET /users/id", b.route)
}

func TestNamesAreBounded(t *testing.T) {
	table := newNameTable("over", true, RouteName)
	seen := make(map[string]bool)
	for i := range 3 * names.Most {
		n := find(table, fmt.Sprintf("/users/%d", i))
		seen[n.name] = true
		if i >= names.Most {
			assert.Same(t, &table.overflow, n)
		}
	}
	assert.Len(t, seen, names.Most+1)
	assert.Equal(t, "http.server.users_7", find(table, "/users/7").name, "the first are remembered")

	table = newNameTable("over", true, RouteName)
	assert.Same(t, &table.overflow, find(table, strings.Repeat("x", maxPattern+1)))
	_, ok := table.Get(strings.Repeat("x", maxPattern+1))
	assert.False(t, ok)
}

func TestNamesConcurrently(t *testing.T) {
	table := newNameTable("over", true, RouteName)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 2000 {
				n := find(table, fmt.Sprintf("/r/%d", i))
				if n.route != "" {
					assert.Equal(t, fmt.Sprintf("http.server.r_%d", i), n.name)
				}
			}
		})
	}
	wg.Wait()
	assert.True(t, table.Full())
}

func FuzzRouteName(f *testing.F) {
	for _, s := range []string{"GET /users/{id}", "/", "", "a b c/{$}", "/{:}/{...}", "GET \x00/é", strings.Repeat("/a", 200)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		name := RouteName(pattern)
		assert.NoError(t, scope.Validate(name))
		assert.LessOrEqual(t, len(name), len("http.server.")+maxNameLength+1)
		assert.Equal(t, name, RouteName(pattern))
	})
}
