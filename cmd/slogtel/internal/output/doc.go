// Package output writes files that are complete or not there.
package output
