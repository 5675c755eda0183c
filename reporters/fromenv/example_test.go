package fromenv_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/slogtel/telemetry/reporters/fromenv"
)

// Operators say where telemetry goes:
//
//	SLOGTEL_REPORTERS=console,statsd=udp://127.0.0.1:8125 SLOGTEL_LEVEL=warn,pay.*=info ./shop
func ExampleNew() {
	_ = os.Setenv("SLOGTEL_REPORTERS", "memory")
	_ = os.Setenv("SLOGTEL_LEVLE", "debug") // a slip
	defer func() { _ = os.Unsetenv("SLOGTEL_REPORTERS"); _ = os.Unsetenv("SLOGTEL_LEVLE") }()

	setup, err := fromenv.New(slog.NewTextHandler(os.Stdout, nil), nil)
	if err != nil {
		fmt.Println(err)
	}
	code := setup.Main(func(ctx context.Context) error {
		_, span := setup.Telemetry.Start(ctx, "job")
		defer span.End()
		return nil
	})
	fmt.Println("exit", code)
	// Output:
	// environment variable SLOGTEL_LEVLE is not known: did you mean SLOGTEL_LEVEL?
	// exit 0
}
