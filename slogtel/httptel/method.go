package httptel

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// otherMethod is the method attribute of a method that is not among the known: a
// client can send any word, and each would be a value of its own.
const otherMethod = "_OTHER"

var methods = [...]string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodHead, http.MethodPatch,
	http.MethodOptions, http.MethodConnect, http.MethodTrace}

// clientNames are the default scope names of calls, by method attribute.
var clientNames = map[string]string{otherMethod: "http.client.other"}

func init() {
	for _, m := range methods {
		clientNames[m] = "http.client." + strings.ToLower(m)
	}
}

// knownMethod returns the method as an attribute. The empty method of a client's
// request is GET.
func knownMethod(method string) string {
	if method == "" {
		return http.MethodGet
	}
	if slices.Contains(methods[:], method) {
		return method
	}
	return otherMethod
}

// statusError is a status that counts as a failure.
type statusError int

func (e statusError) Error() string {
	return strconv.Itoa(int(e)) + " " + cmp.Or(http.StatusText(int(e)), "status")
}
