package secrets

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// ordinary are texts of logs, of errors as Go writes them, and of people, in which nothing is to be hidden.
var ordinary = []string{
	"status unpacked libsecret-1-0:amd64 0.20.5-3", "install python3-jwt:all <none> 2.6.0-1", "see [http://localhost:3000](http://localhost:3000).", "2013-11-07:2066221.5IYa7Yq760@darkstar:", "To pass `allow_partial_response` option",
	"get token: context deadline exceeded", "fetch token: 401 Unauthorized", "unexpected token: EOF", "secret: not found", "token: expired",
	"invalid token: malformed", "refresh token: oauth2: cannot fetch token: 400 Bad Request", "password: required", "read password: EOF", "parse token: invalid character 'x' looking for beginning of value",
	"get secret: rpc error: code = NotFound desc = secret not found", "load credentials: open /home/x/.aws/credentials: no such file or directory",
	"api key: missing", "cookie: http: named cookie not present", "authorization: denied", "session: not found", "token: unexpected end of JSON input",
	"verify token: x509: certificate signed by unknown authority", "decode secret: illegal base64 data at input byte 4", "secret \"db\": not found", "get token: Get \"https://x.example/token\": dial tcp 10.0.0.1:443: connect: connection refused",
	"unexpected token: '}' at line 3", "password: must be at least 8 characters", "auth: invalid token", "PWD=/home/x", "OLDPWD=/var/tmp", "passphrase: not found", "private key: no PEM block found", "access token: strconv.ParseInt: parsing \"abc\": invalid syntax",
	"the password must have 8 characters and a digit", "your password was changed on 2024-01-02", "Password reset for user bob", "Enter password for bob:", "Failed password for root from 5.36.59.76 port 42393 ssh2",
	"Failed password for invalid user admin from 10.0.0.1 port 22 ssh2", "token bucket is full", "a secret is something you keep", "key is missing", "The token is 15 minutes old", "the key is 0x1234", "1 token = 4 characters", "secret sharing with 3 of 5", "pass: 12 fail: 3", "pass=12 fail=3",
	"blk_-1608999687919862906", "id=1234567890123456", "order 123456789012345678", "user_id=4532015112830366", "ISBN 9783161484100", "isbn: 978-3-16-148410-0", "bytes=4539453449064706", "tokens=1200 total_tokens: 3400", "token_count: 17", "max_tokens=4096", "prompt tokens: 12",
	"session 0x14ede63a5a70002 closed", "sessionid: 0x14ede63a5a70002", "cache_key=user:42:profile", "primary_key=id", "key=value", "idempotency_key=8f14e45f-ceea-467f-a8f1-1d2b0c4d5e6f", "partition_key=abc123def456", "-p 8080:80 -u 1000:1000", "mysql -P 3306 -u root", "docker run -p 8080:80 nginx",
	"git@github.com:org/repo.git", "user@tcp(10.0.0.1:3306)/db", "mailto:bob@example.com", "time=12:30:05.123 level=INFO", "https://example.com/a?b=c#d", "550e8400-e29b-41d4-a716-446655440000", "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "commit 4812d17aee44bcfa7490d6a23d6c239d47c668a9",
	"trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7", "chatcmpl-9aBcDeFgHiJkLmNoPqRsTuVwXyZ01", "msg_01XFDUDYJgAACzvnptvVoYEL", "req_011CPZqRkT8vYx5aBcDeFgHi", "pod nginx-7c5ddbdf54-x8k2v started", "signature: valid", "nonce=12", "salt: too short", "hash=abc", "etag=\"33a64df551425fcc55e4d42a148795d9f25f89d4\"",
	"Authorization: missing", "Authorization header is required", "authorization: not allowed for user bob2000", "Basic auth failed", "bearer of bad news", "email: sent", "email=sent", "phone: unknown", "mobile: true", "pin: 13", "PIN 13 set high", "auth=none", "auth: failed", "login(\"bob\")", "connect(\"a\", 3)",
	"panic: runtime error: invalid memory address or nil pointer dereference", "goroutine 1 [running]:", "/usr/local/go/src/net/http/server.go:2136 +0x2be8", "main.(*T).Foo(0xc000012345, {0x1234567, 0x8})",
	"secret rotated", "secret=true", "password=null", "password: ***", "password=***", "token=<nil>", "secrets: 3", "secret: 1234 bytes", "access_token: bearer", "certificate key: RSA 2048 bits", "Public-Key: ssh", "encryption key: AES256", "host key: SHA256", "api token: v1",
	"pwd: /home/x/y", "cd $PWD", "set PASSWORD env", "PASS ok", "--- PASS: TestFoo (0.00s)", "PASS", "ok  \tpkg\t0.1s", "AUTH LOGIN", "AUTH failed", "USER bob", "use --password-file instead", "flag -p is deprecated", "usage: app -p PORT", "-p 8080", "curl -u user https://x",
	"password is wrong", "The secret is out", "passwords do not match", "private key is invalid", "jwt expired", "jwt: token is expired by 2h3m", "jwt malformed", "token signature is invalid", "csrf token mismatch", "authentication token: not supplied", "key: value pairs", "dsn=postgres://localhost:5432/db", "DATABASE_URL=postgres://localhost/app", "dsn: user@/db",
	"4242", "tel: 112", "call +14155552671 soon", "date 2024-01-02T03:04:05Z", "value 1234-5678-9012", "2024-11-28 09:12:13.123456789", "1700000000000000", "16 digits 1234567812345678", "lat=48.858844 lon=2.294351", "10.10.34.11:48069", "00:1A:2B:3C:4D:5E", "fe80::1ff:fe23:4567:890a",
	"sk-learn", "task-1234", "risk_assessment_v2", "disk_usage=12", "ask_for_help", "arn:aws:iam::123456789012:role/x", "s3://bucket/key/2024/01/02/file.gz", "gs://b/o", "k8s.io/api/core/v1", "github.com/slogtel/telemetry v0.1.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "h1:dU3xzL9y8fT5ZgKq3r4v5w6x7y8z9A0B1C2D3E4F5G6=",
	"W/\"33a64df551425fcc55e4d42a148795d9f25f89d4\"", "Content-Type: application/json; charset=utf-8", "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", "X-Request-Id: 7f3d2c1b-aaaa-bbbb-cccc-1234567890ab", "If-None-Match: abc", "cookie jar is empty", "Cookie consent given", "set-cookie ignored",
	"monkey=true", "turkey: 12", "keyboard: us", "compass=north", "bypass=1", "pass=true", "pass: 3/4", "first pass: done", "next_page_token=abc123def", "sync token: 12345678", "continuation_token=a1b2c3d4", "stop token: </s>", "eos_token=<|endoftext|>", "special tokens: 5", "time_to_first_token=0.123",
	"retry after: 30s", "state: ESTABLISHED", "code=200", "?code=404&x=1", "error code: 0x80070057", "exit code=137", "sig=SIGTERM", "signal: killed", "sid=1", "sid:1 cport:-1", "pid=4242 uid=1000", "hash: mismatch", "seed=42", "unsupported certificate: private key is *ed25519.PrivateKey", "[]string{\"cookie\", \"date\"}", "\"authorization\",\n\"cache-control\",", "GET /token/refresh HTTP/1.1", "/password/reset", "/api/v1/secrets/default-token-abc12",
	"user,password\n", "(\"password\", \"email\")", "name, password and email\nare needed", "INSERT INTO users (name, password) VALUES ($1, $2)", "INSERT INTO users (name, password) VALUES (?, ?)", "the function identified by \"repeat\"", "Authorization: Header missing", "authorization: access denied",
	"\tTokenLinkedToken\n\tTokenElevation", "x-api-key: missing", "creds: expired", "random seed: 12345", "salt=true",
}

func TestOrdinaryTextStays(t *testing.T) {
	for _, s := range ordinary {
		got, n := Text(s)
		assert.Equal(t, s, got)
		assert.Zero(t, n)
	}
	assert.Zero(t, func() int { _, n := Text(strings.Join(ordinary, "\n")); return n }(), "also as lines of one text")
}
