// Package sketch keeps the distribution of a stream of numbers in little, bounded memory.
//
// A [Sketch] answers for any quantile, after the fact, how large the value at that rank was. It is
// DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch with
// relative-error guarantees", VLDB 2019) with a cubically interpolated logarithm and dense bins of which
// the lowest collapse, and with the count, the sum, the least and the greatest value beside it, which are
// exact. Bins are those of github.com/DataDog/sketches-go, whose packages would bring all of protobuf. A
// value may have a weight: how many it stands for, which need not be a whole number.
//
// # The error bound
//
// [Sketch.Quantile] differs from the value at that rank by at most
//
//   - [RelativeError], 1 %, of that value, for positive and negative values and for zero (which is
//     exact), whatever the distribution and however many sketches were merged;
//   - or, where this is more, 1e-19 of the greatest magnitude of the same sign in the sketch, since values
//     further apart than that share a bin;
//   - or, where this is more, 2.3e-308, since denormal numbers count as zero.
//
// Every time.Duration of a nanosecond or more, taken as a number, has the first bound: the bins reach
// from 1 to 2⁶³.
//
// # Memory
//
// An empty Sketch is 88 bytes. Bins are allocated for the range of values that was seen: from 512
// bytes on, about 1 KiB for values within a factor of 6 and 2 KiB within a factor of 100, and never more
// than 24 KiB for each sign.
//
// # The text
//
// [Sketch.AppendText] makes a text of a Sketch that [Parse] reads back, in this process or another;
// what is merged from it is the same as what is merged from the Sketch. A Sketch of durations of one
// scope takes some 100 to 1000 characters, none more than 64 KiB. The text is "1:" or "2:", for the version
// of the format, and bytes in base64url (RFC 4648, section 5) without padding. Numbers in it are those of
// encoding/binary: uvarint, varint (zigzag) and float, 8 bytes of IEEE 754, the low ones first.
// A number of values is a uvarint of at most 2⁵³ in version 1. Version 2 is for those that are
// not whole, or more: there it is the 8 bytes of a float in the opposite order, taken for a uint64,
// as a uvarint, which is short for small whole numbers.
//
//	count     number   of values; the rest is absent when it is 0
//	zeros     number   of these, of those with a magnitude below 2.27e-308
//	sum, low  2 floats the sum of all is sum + low
//	min, max  2 floats
//	negative           the bins of the magnitudes of negative values
//	positive           the bins of positive values
//
// Bins of one sign are
//
//	n         uvarint  number of bins that are not empty, at most 2240; the rest is absent when it is 0
//	first     varint   index of the lowest of them
//
// and the numbers of values in the n bins, in the order of their indexes. Where bins between
// two of them are empty, a 0 stands in between and how many are empty, a uvarint. The last
// index is less than 2240 above the first. Zeros and the numbers of all bins add up to count; in
// version 2, but for rounding.
//
// A magnitude m = 2ᵉ(1+s), with e whole and 0 ≤ s < 1, is in the bin with the index
//
//	⌊(e + 10s/7 − 3s²/5 + 6s³/35) / log₂ γ⌋, where γ = (1.01/0.99)^(10 ln 2 / 7)
//
// so that the values of a bin are within 1 % of 1.01 times its lower border. Values lower than 2240
// bins below the highest are in the lowest of these bins.
package sketch
