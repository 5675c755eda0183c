// Package logfile is a log file that rotates and loses nothing: an [io.Writer] of whole
// lines, for any handler of log/slog, for package log, and for whatever else writes a line
// at a time.
//
//	file, err := logfile.Open("/var/log/app/app.log", &logfile.Options{
//		MaxSize:    100 << 20,
//		MaxBackups: 7,
//		Compress:   true,
//	})
//	if err != nil {
//		return err
//	}
//	defer file.Close()
//	logger := slog.New(slog.NewTextHandler(file, nil))
//
// # What is promised
//
// A line is one write(2) on a file opened for appending. When Write returns nil the line is
// in the kernel (unless BufferSize is set): it survives the death of the process, by kill -9
// too, but not that of the machine. With BufferSize, a program that ends without Shutdown or
// Close (os.Exit, log.Fatal, a panic) loses what is gathered.
//
// What cannot be written is dropped, counted, and returned as an error, and the next line is
// tried anew: on a full disk nothing waits, and lines appear again as soon as there is room.
// A line of which the disk took only a part is taken back (or ended with a newline, if
// another process has written behind it). With BufferSize, the lines that are gathered are
// kept for later and it is the new ones that are dropped.
//
// Write waits as long as the kernel lets write(2) wait, which on a network file system can
// be long. Put a queue in front where that matters.
//
// # Rotation
//
// A full file is renamed to its name, a dot, and the time in UTC, as in
// app.log.20060102T150405.000000000Z, and a new one begins. A name too long for that is
// shortened and ends with "~" and a checksum. Lines are neither lost nor cut by a rotation.
// Where the renaming or the new file fails, writing goes on in the old file, the failure is
// counted and told to OnError, and it is tried again after a second.
//
// A single file that is mounted into a container cannot be renamed, and so grows without bound.
// Open reports that to OnError. Mount its folder instead.
//
// Rotated files are compressed and removed on a goroutine, after a rotation and after Open.
// [Options].BeforeRemove is called before one is removed, for an upload, say.
//
// Where something else rotates, it should rename the file and then have [File.Reopen] called
// (logrotate: create or nocreate, delaycompress, and a postrotate script that sends SIGHUP).
// Without that call, a file that was renamed, or deleted, is noticed at the first line a
// second later, and a new one is made under the old name. With copytruncate, logrotate
// itself loses the lines that are written between its copy and its truncation; nobody can
// count them.
//
// # Several processes
//
// Several processes may append to the same file, for each line is one write at its end.
// They may all rotate, compress and remove. A process notices within a second that another
// has rotated the file, and goes on writing to the rotated file until then. A lock (flock)
// on the file says that a process may still write to it, and no rotated file is compressed
// or removed while it is so locked. Where there are no such locks (some network file
// systems), the newest rotated file, and those that changed in the last seconds, are left
// alone instead. Programs that do not use this package take no lock: let them have files of
// their own.
//
// A process that is killed inside a write may leave part of a line as the last. The next to
// open the file ends it with a newline, and so does a process that has the file open, before
// its own line, if others have written in the second before. What it cannot see is a line
// torn in the short time between that look and its own write: that line and its own become
// one. Where two processes see the same part of a line, an empty line may be left.
package logfile
