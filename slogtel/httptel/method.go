package httptel

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
)

// otherMethod is the method attribute of a method that is not among the known: a
// client can send any word, and each would be a value of its own.
const otherMethod = "_OTHER"

// clientNames are the default scope names of calls, by method attribute.
var clientNames = func() map[string]string {
	all := map[string]string{otherMethod: "http.client.other"}
	for _, m := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace} {
		all[m] = "http.client." + strings.ToLower(m)
	}
	return all
}()

// knownMethod returns the method as an attribute. The empty method of a client's
// request is GET.
func knownMethod(method string) string {
	if method == "" {
		return http.MethodGet
	}
	if clientNames[method] == "" {
		return otherMethod
	}
	return method
}

// statusError is a status that counts as a failure.
type statusError int

func (e statusError) Error() string {
	return strconv.Itoa(int(e)) + " " + cmp.Or(http.StatusText(int(e)), "status")
}
