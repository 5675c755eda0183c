// Package secrets knows what a secret looks like: by the name it stands under, and by its own shape.
// Raw previews and log redaction share this one table, so that both hide the same things.
//
//	secrets.Key("x-goog-api-key")           // true
//	secrets.Key("total_token_count")        // false: a count of tokens is no token
//	secrets.Text("GET /v1?key=AIzaSy…")     // "GET /v1?key=[REDACTED]", 1
//
// # The two tables
//
// One lists names, see [KeyRule]: a value stored under such a name is hidden whatever it is, or, where the name may
// mean other things, when it looks like a secret. Names are compared without case, separators or camelCase, so
// one entry stands for api_key, apiKey, API-KEY and x-goog-api-key. The other lists shapes, see [Rule]: tokens with a vendor's
// prefix or structure, JSON Web Tokens, private keys, headers, name=value pairs, commands and sentences that name
// a password, values whose place names them (a column of CSV, the part of a path after /token/), card numbers. Each rule
// bears its source. What they must hide and must leave stands in
// package secretstest, and the tests of this package and of every user of it run through it.
//
// # What is promised
//
//   - A text in which nothing is found is returned as it is, without an allocation.
//   - Time is linear in the length of the text, whatever the text.
//   - Nothing is kept: results share no memory with a table, and the tables are never modified, so
//     every function may be called from any number of goroutines.
//   - Whether a secret begins at some byte is settled by the text before it and at most [Lookahead]
//     bytes from it on. A caller who sees only the head of a long text can therefore trust what is
//     found there up to Lookahead bytes before the end of what it sees.
//
// # What is not promised
//
// No table finds everything: a password in the middle of a sentence looks like any other word. Names of a
// secret head many sentences, so what follows one and a colon must look like a secret. Text that was
// transformed after the secret was written into it (base64, compression, a different character set) is not
// looked into.
package secrets
