// Package preview builds a tiny, sanitized view of a provider's raw response: which model
// answered, how its answer begins, what it used, why it ended. It is what telemetry can carry
// of a response without carrying the response.
//
//	previews := preview.New(nil)             // on or off as the environment says; one a component
//	span.SetAttrs(previews.Attr(response))   // raw_preview = {model, batch: [...]} on a scope
//	result.RawPreview = previews.Of(response) // and in an app's own result
//
// A [Previewer] does not need telemetry: it is on or off by itself. When it is off it builds
// nothing. A [Preview] is a plain struct that marshals to JSON by itself and logs as a group.
//
// # What it understands
//
// The responses of Gemini and Vertex AI, OpenAI (chat completions, completions, Responses) and
// those who speak like it, Azure, Anthropic, Bedrock (Converse, Titan, Llama, Mistral,
// Claude), Mistral, Cohere and Ollama, their streams and the lines of their batch files; and
// anything that has members such as model, text, usage and finish_reason, in snake_case,
// camelCase or Go's own spelling. A plain text is its own text. Whatever else it is given is
// rendered in Repr.
//
// The response may be text or Go values: maps, structs by their json tags, pointers to them,
// the types of the providers' own libraries. Text (a string, []byte or
// [encoding/json.RawMessage]) may be JSON, also if it was cut off, JSON lines, server-sent
// events or Amazon's event stream. Chunks of a stream, in a slice or in an envelope, give one
// preview: the texts of the answer with the lowest index are joined, and of counts and reasons
// the last are kept. Of several whole responses the first is shown.
//
// # What is promised
//
//   - It never panics and never changes what it is given. Nothing in a Preview shares memory
//     with it.
//   - Secrets and card numbers are replaced by [REDACTED], by the name they stand under and by
//     their shape (see internal/secrets), before a text is cut: no part of one survives at the
//     edge.
//   - Texts are cut at a number of characters, and the cut is marked with what is missing, in
//     bytes: "…[+1234 bytes]", or "…[+more]" where that is not known. Of JSON text longer than
//     the part that is read, the bytes are counted as written, with their escapes. A character
//     as readers see it (a letter and its accents, a flag) is never cut in two.
//   - Bytes that are no UTF-8, control characters (other than tab and line ends) and those
//     that turn the direction of a line become U+FFFD.
//   - A preview is small: Text and Candidate0Text have at most limit characters each, or,
//     where both and all others are empty, Repr has; Model 128, FinishReason and Safety 256,
//     Tools eight names of 64, and Usage eight entries of 64 for the key and 64 for the value;
//     a mark adds at most 30 to each. With the default limit that is under 4000 characters in
//     all, and in JSON, where some characters take six bytes, under 24 KB.
//   - It costs little: of a text only a window behind the limit is read, of JSON text no more
//     than about 131072 keys, values and brackets (a long string is one), of collections the
//     first elements and members. JSON nested deeper than 512 is taken for text.
//
// # Own methods
//
// A value that has a [log/slog.LogValuer] is shown as that, whatever it is, so that a type
// that hides something in logs hides it here, too. The other ways in which a type can speak
// for itself (error, [fmt.Stringer], [encoding.TextMarshaler], [encoding/json.Marshaler]) are
// asked where there are no exported fields to read: named strings and numbers, opaque structs.
// Structs with exported fields are read by their fields, without those marked json:"-". A
// method that panics is recovered from; one that does not return cannot be.
//
// A map that another goroutine writes to meanwhile ends the program; Go gives no way to
// recover from it. Whoever hands over a response must not change it until Of returns.
package preview
