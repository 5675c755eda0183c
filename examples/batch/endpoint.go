package main

import (
	"errors"
	"net"
	"net/url"
	"strings"
)

// checkEndpoint takes care that the key goes only where it is meant to, and that
// no part of the endpoint is a secret that would show up in messages.
func (o *options) checkEndpoint(key string) error {
	u, err := url.Parse(o.endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return errors.New("-endpoint must be a URL such as https://host or http://127.0.0.1:8080")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("-endpoint must not hold a user, a password, a query or a fragment; the key belongs in " + keyVariable)
	}
	local := isLoopback(u.Hostname())
	switch {
	case key == "" && !local:
		return errors.New("-endpoint needs a key in the environment variable " + keyVariable)
	case key != "" && len(key) < 8:
		return errors.New(keyVariable + " is too short to be a key")
	case strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New(keyVariable + " holds characters that no key has")
	case key != "" && u.Scheme == "http" && !local:
		return errors.New("-endpoint must be https: a key is not sent unencrypted to another machine")
	}
	o.endpoint, o.key = strings.TrimRight(u.String(), "/"), key
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
