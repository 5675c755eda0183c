//go:build !linux

package logfile

func awaitWrites(osFile) {}
