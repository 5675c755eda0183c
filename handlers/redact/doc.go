// Package redact hides secrets and personal data in slog records, of an app's logs and of telemetry alike,
// before a handler sees them.
//
//	hide := redact.New(nil)
//	logger := slog.New(hide(slog.NewJSONHandler(os.Stdout, nil)))
//	logger.Info("connected to postgres://app:hunter2@db/app", "api_key", "k-123")
//	// … "msg":"connected to postgres://[REDACTED]@db/app","api_key":"[REDACTED]"
//
// # What is hidden
//
// A value is hidden because of its name (password, x-api-key, card_number), because of its name and its looks
// together (stripe_key, signature, nonce: names that may mean other things), or because of its shape in any text
// (tokens of vendors, web tokens, private keys, URLs with a password, headers, commands, card numbers). Package
// internal/secrets has the tables; raw previews use them too.
//
// # What stays
//
// The error style of Go ("get token: context deadline exceeded"), prose about passwords, paths under PWD,
// identifiers and counts stay as they are. The keys of telemetry's own records are never hidden by a name beside
// them; a token in the name of a scope is hidden, in the small letters that a scope has as well.
//
// # Outside of records
//
// [OnError] puts the same in front of slogtel.Options.OnError, whose errors may hold the event that a reporter
// refused.
package redact
