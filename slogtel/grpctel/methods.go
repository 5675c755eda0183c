package grpctel

import (
	"strings"

	"github.com/slogtel/telemetry/internal/errtext"
	"github.com/slogtel/telemetry/internal/names"
	"github.com/slogtel/telemetry/scope"
)

// maxMethodLength bounds what is remembered of a method.
const maxMethodLength = 512

// other is the rpc.method of those that are not known.
const other = "_OTHER"

// A method is one of a service, with the name of its scope.
type method struct {
	full string // without the slash before it
	name string
	own  bool // the name is that of Options.ScopeName
}

// methods has the name of each method.
type methods struct {
	names.Table[*method]
	prefix string
	own    func(full string) string // nil: the default
}

func (m *methods) unmatched() *method { return &method{full: other, name: m.prefix + "unmatched"} }
func (m *methods) overflow() *method  { return &method{full: other, name: m.prefix + "overflow"} }

// find returns the method of that full name, as "/package.Service/Method".
func (m *methods) find(full string, fault *error) *method {
	if found, ok := m.Get(full); ok {
		return found
	}
	if len(full) > maxMethodLength || m.Full() {
		return m.overflow()
	}
	own := ""
	if m.own != nil {
		own = errtext.Try("grpctel: Options.ScopeName", fault, "", m.own, full)
	}
	found, ok := m.Add(full, func(key string) *method {
		short := strings.TrimPrefix(key, "/")
		if own != "" {
			return &method{short, scope.Sanitize(own), true}
		}
		return &method{short, m.Unique(scope.Sanitize(m.prefix+strings.ReplaceAll(short, "/", ".")), key), false}
	})
	if !ok {
		return m.overflow()
	}
	return found
}
