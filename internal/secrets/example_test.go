package secrets_test

import (
	"fmt"

	"github.com/slogtel/telemetry/internal/secrets"
)

func ExampleText() {
	text, n := secrets.Text("GET https://example.com/v1?alt=json&key=0123456789 with Authorization: Bearer abc")
	fmt.Println(n, text)
	// Output: 2 GET https://example.com/v1?alt=json&key=[REDACTED] with Authorization: Bearer [REDACTED]
}

func ExampleKey() {
	for _, name := range []string{"x-goog-api-key", "dbPassword", "total_token_count", "nextPageToken"} {
		fmt.Println(name, secrets.Key(name))
	}
	// Output:
	// x-goog-api-key true
	// dbPassword true
	// total_token_count false
	// nextPageToken false
}
