// Package grpctel runs slogtel/grpctel beside otelgrpc: on one server for the same RPCs, at the two
// ends of a connection, and below net/http.
package grpctel
