//go:build !linux

package sqltel

import "testing"

func postgres(t *testing.T) string {
	t.Log("PostgreSQL is left out: it is only started on Linux")
	return ""
}
