package secrets

import "slices"

// Kind tells what a rule protects. Kinds combine as bits.
type Kind uint8

const (
	// Secret is what gives access: keys, tokens, passwords.
	Secret Kind = 1 << iota
	// Personal is data about a person that gives no access by itself, such as a card number.
	Personal

	// All is every kind.
	All = Secret | Personal
)

// Mask stands where a secret stood. No rule matches it, so hiding twice changes nothing.
const Mask = "[REDACTED]"

// Lookahead is the number of bytes, counted from where a secret begins, that at most are needed to
// tell that it is one. Its end may be further away: a secret that reaches the end of a text which was
// cut must be taken to go on.
const Lookahead = 2048

// Rule is one shape that secrets have in running text.
type Rule struct {
	// Name is unique among the rules.
	Name string
	// Kind tells secrets from personal data.
	Kind Kind
	// Source says where the shape is documented.
	Source string

	// tokens are shapes told by a literal prefix; the scan looks them up directly.
	tokens []token
	// anchors are the bytes at which find is asked.
	anchors []anchor
	find    finder
	grid    bool // what is found may be the first cell of a table
	quiet   bool // find says how far it has looked, where it found nothing
}

// anchor is three neighbouring bytes: one of first, one of second, and one of third, where "" stands for any, also
// for the end of the text.
type anchor struct {
	first, second, third string
	// near are more bytes around without which find has nothing to find. They spare most calls.
	near []near
}

// near is a byte off bytes from the first of an anchor.
type near struct {
	off int
	set *charset
}

// rules is the table. Where two rules would hide overlapping parts, the one whose anchor stands first
// in the text wins, then the one that stands first here.
var rules = slices.Concat(tokenRules, textRules)
