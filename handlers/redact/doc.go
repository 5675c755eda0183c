// Package redact hides secrets and personal data in slog records before a handler sees them. It works for the logs of
// an app and for telemetry.
//
//	hide := redact.New(nil)
//	logger := slog.New(hide(slog.NewJSONHandler(os.Stdout, nil)))
//	logger.Info("connected to postgres://app:hunter2@db/app", "api_key", "k-123")
//	// … "msg":"connected to postgres://[REDACTED]@db/app","api_key":"[REDACTED]"
//
// # What is hidden
//
// There are three reasons to hide a value:
//
//   - Its name: password, x-api-key, card_number.
//   - Its name and its looks: stripe_key, signature and nonce may mean other things, so only a value that looks
//     random is hidden.
//   - Its shape, in any text: tokens of vendors, web tokens, private keys, URLs with a password, headers, commands,
//     card numbers.
//
// The tables are in internal/secrets. Previews of raw responses use the same tables.
//
// # What stays
//
// These are not hidden:
//
//   - Error texts as Go writes them, such as "get token: context deadline exceeded".
//   - Sentences about passwords.
//   - Paths of files under names such as PWD.
//   - Identifiers and counts.
//   - The scheme in front of credentials: "Authorization: Bearer [REDACTED]".
//
// In records of telemetry, an attribute called name does not hide the value of the metric beside it. A token in the
// name of a scope is hidden, also in the small letters that scopes are written in.
//
// # Outside of records
//
// [OnError] cleans errors for slogtel.Options.OnError. Such an error may quote the event that a reporter refused.
package redact
