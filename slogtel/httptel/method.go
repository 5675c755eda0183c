package httptel

import (
	"net/http"
	"strconv"
	"strings"
)

// otherMethod is the method attribute of a method that is not among the known: a
// client can send any word, and each would be a value of its own.
const otherMethod = "_OTHER"

// knownMethod returns the method as an attribute. The empty method of a client's
// request is GET.
func knownMethod(method string) string {
	switch method {
	case "":
		return http.MethodGet
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return method
	}
	return otherMethod
}

// clientNames are the default scope names of calls by method attribute.
var clientNames = map[string]string{otherMethod: "http.client.other"}

func init() {
	for _, m := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace} {
		clientNames[m] = "http.client." + strings.ToLower(m)
	}
}

// statusError is a status that counts as a failure.
type statusError int

func (e statusError) Error() string {
	text := http.StatusText(int(e))
	if text == "" {
		text = "status"
	}
	return strconv.Itoa(int(e)) + " " + text
}
