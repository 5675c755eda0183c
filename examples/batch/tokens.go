package main

import "unicode"

// wordPiece is how many letters or digits of a word make one token.
const wordPiece = 6

// countTokens counts the tokens of the built-in provider: a run of letters or
// digits is one for each six characters begun, a letter of a script that has no
// spaces between words is one, and so is each mark that is not a space.
func countTokens(text string) int {
	n, run := 0, 0
	for _, r := range text {
		switch {
		case r >= 0x2e80 && unicode.IsLetter(r):
			n++
			run = 0
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if run%wordPiece == 0 {
				n++
			}
			run++
		default:
			if !unicode.IsSpace(r) {
				n++
			}
			run = 0
		}
	}
	return n
}
