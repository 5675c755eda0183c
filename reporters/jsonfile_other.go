//go:build !unix

package reporters

import "io/fs"

const (
	openNonblock = 0
	renameOpen   = false
)

func deleted(fs.FileInfo) bool { return false }
