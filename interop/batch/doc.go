// Package batch holds the results of the batch example against their schema,
// docs/batch-envelope.schema.json, with a validator that others have written.
package batch
