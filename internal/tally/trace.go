package tally

import (
	"encoding/binary"
	"encoding/hex"
	"math"
)

// TraceBits returns the 56 bits of a trace id that are random.
func TraceBits(id string) (uint64, bool) {
	if id == "" {
		return 0, false
	}
	var b [16]byte
	if len(id) != 2*len(b) {
		return hashID(id), true
	}
	if _, err := hex.Decode(b[:], []byte(id)); err != nil {
		return hashID(id), true
	}
	return binary.BigEndian.Uint64(b[8:]) & (1<<56 - 1), b != [16]byte{} // all zeros is no id
}

// hashID returns 56 bits that are the same for an id in every process: FNV-1a with a
// finish, since of that the upper bits of short ids differ little.
func hashID(id string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(id) {
		h = (h ^ uint64(id[i])) * 1099511628211
	}
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	h ^= h >> 32
	return h >> 8
}

// Threshold is the least that the bits of a trace must be to be kept at the rate.
func Threshold(rate float64) uint64 {
	return uint64(math.Round((1 - rate) * (1 << 56)))
}
