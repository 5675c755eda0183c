// Package sketch keeps the distribution of a stream of numbers in little, bounded memory.
//
// A [Sketch] answers for any quantile, after the fact, how large the value at that rank was. It is
// DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch with
// relative-error guarantees", VLDB 2019) in the implementation of github.com/DataDog/sketches-go,
// with a cubically interpolated mapping and dense stores that collapse the lowest bins, and with the count,
// the sum, the least and the greatest value beside it, which are exact.
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
// An empty Sketch is 64 bytes. Bins are allocated for the range of values that was seen: about
// 1 KiB for values within a factor of 4, 2 KiB within a factor of 40, and never more than 24 KiB
// for each sign.
package sketch
