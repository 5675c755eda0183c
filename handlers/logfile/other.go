//go:build !unix

package logfile

import "io/fs"

const (
	openNonblock = 0
	renameOpen   = false
)

func deleted(fs.FileInfo) bool { return false }

// refusesRename reports whether an error says that a file cannot be renamed at its place,
// now or later.
func refusesRename(error) bool { return false }

// nameTooLong reports whether an error says that a name is longer than names can be.
func nameTooLong(error) bool { return false }
