package tally

import "math"

// TraceBits returns the 56 bits of a trace id that are random.
func TraceBits(id string) (uint64, bool) {
	if id == "" {
		return 0, false
	}
	if len(id) != 32 {
		return hashID(id), true
	}
	var bits uint64
	var any byte
	for i := range len(id) {
		c := id[i]
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return hashID(id), true
		}
		any |= c
		bits = bits<<4 | uint64(c)
	}
	return bits & (1<<56 - 1), any != 0 // all zeros is no id
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
