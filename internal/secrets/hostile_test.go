package secrets

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// hostile are pieces that, repeated, make a scanner with a weakness read the same bytes over and over.
var hostile = []string{
	"A", "eyJ", "-----BEGIN", "sk-", "eyJ.", "eyJJ ", "eyJJ", "<token>", "<token>a<", "Bearer abcdef ", "value:", "name:a,value:", "\"name\":\"b\",\"value\":", "token=[]T", "token=map[", "a://user0123456789", "eyJaaaaaaaaaaaaaaa ", "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----(",
	"---BEGIN CERTIFICATE", "-", "--a ", "--token ", "sk-a-", "AIza", "ghp_", "xoxb-a", "SG.", "password=", "session=", "session=\"",
	"cookie: ", "Cookie:a ", "authorization: ", "Authorization:a\t", "token:{", "token:[\"", "token=\\", "a=", "a:", "://", "a://b:c/", "a://b:c@",
	"a://b:c?d@e ", "@tcp(", "x:y@tcp(", "4", "4 ", "4242-", "424242424242424", "bearer ", "Bearer a", "basic ", "%3d", "%", "\\", "\"", "'", "=\"",
	"cookie:=\"", "token=T{", "-pA1b", "-u a:b ", "password for a", "password is ", "AUTH a ", "login(\"a\",", "<a name=\"password\">", "&quot;", "password=&quot;", "$6$a", "$argon2id$", "AzFu", "+ACR", "Q~", "1Q~a", "DE89 ", "DE893704", "123-45-", "4539 4539 ", "12345678:AA", "1|a", "a.b", "abcdef.a1", "0123456789abcdef-", "-----BEGIN PRIVATE KEY-----\n", "Private-Lines: 1\n", "kty\"k\":\"a", "\xef\xbc\x9a", "%253D", "\\u003d", "password:\n", "password: |\n", "u:p@h", "u:p@/", "a/b@c:1", "phone: 1 ", "iban: A ", "\x1b[1m", "password=\x1b[1m", "eyA", "ewo", "token=a,", "token=a,b", "token=a;b=", "_", "key ", " key=", "?key=", "token:a\"b", "passphrase:", "x-goog-api-key", "[1m", "\\u0026", "\n", "\x00", "\xff",
	"net use \\\\a ", "net use ", "net user a ", "-SecureString ", "-SecureString '", "oSecureString-", "a /p:", " /p b", "h:5432:", ":*:*", "9:a:b:", "pass\u200b", "\u200b", "\u200b=", "a\x1b[1m=", "\x1b[1ma", "my password is ", "password set to \"", "phone: 1 / ",
	"iban: de", "dob: 1 mar ", "date of birth:", "account number: 1 ", "is ", "password to be set to ",
}

// A text may end anywhere, also at the end of a line: each part of one is read without a panic.
func TestPartsOfATextAreRead(t *testing.T) {
	texts := slices.Concat(hostile, ordinary)
	for _, way := range ways {
		texts = append(texts, strings.ReplaceAll(way, "§", "Hunter2"))
	}
	for i := range keyRules {
		texts = append(texts, keyRules[i].Name+": ", keyRules[i].Name+"=\"", "/"+keyRules[i].Name+"/", keyRules[i].Name+" is ")
	}
	for _, text := range texts {
		for i := range len(text) {
			for _, part := range [...]string{text[:i], text[i:], text[:i] + "\n", "\n" + text[i:], text[:i] + "\\n" + text[i:], text[:i] + "'\r\n"} {
				assert.NotPanics(t, func() { Text(part) }, "%q", part)
			}
		}
	}
}

// Work that grows with the square of the length takes sixty-four times as long for eight times as much.
// The test looks for that, and tries again where another process may have taken the time; it asserts no
// speed.
func TestTextIsLinear(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	took := func(s string) time.Duration {
		start := time.Now()
		Text(s)
		return max(time.Since(start), 50*time.Microsecond)
	}
	for _, unit := range hostile {
		small, large := strings.Repeat(unit, 16<<10/len(unit)), strings.Repeat(unit, 128<<10/len(unit))
		a, b := took(small), took(large)
		for try := 0; try < 20 && b >= 32*a; try++ {
			b = min(b, took(large))
		}
		assert.Less(t, b, 32*a, "%q", unit)
	}
}
