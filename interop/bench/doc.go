// Package bench measures the library beside its peers, in one run: the machines
// it runs on are noisy, and only ratios mean anything. In each benchmark the part
// "slogtel" is ours, the others are what it is compared with.
//
//	make bench    # from the repository's root: prints one table
package bench
