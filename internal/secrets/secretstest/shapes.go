package secretstest

// Example is a text, and the part of it that must be gone afterwards.
type Example struct{ Text, Secret string }

// Shape is what a rule of the table must find, and what must be left alone by all rules.
type Shape struct {
	Rule  string
	Match []Example
	Clean []string
}

// Examples returns those of all shapes.
func Examples() []Example {
	var all []Example
	for _, s := range Shapes {
		all = append(all, s.Match...)
	}
	return all
}

// whole is an example that is a secret from end to end.
func whole(s string) Example { return Example{Text: s, Secret: s} }

// part is an example in which only secret must be gone.
func part(text, secret string) Example { return Example{Text: text, Secret: secret} }

// Shapes are the examples by rule. The prefixes of tokens stand apart from their bodies so that no scanner
// of source code, nor a host that refuses pushes with keys in them, takes an example for a live key.
var Shapes = []Shape{
	{Rule: "google-api-key", Match: []Example{
		whole("AIza" + "SyEXAMPLE0123456789abcdefghijklmno-_"),
		part("https://generativelanguage.googleapis.com/v1beta/models?x="+"AIza"+"SyEXAMPLE0123456789abcdefghijklmno-_ ok",
			"AIza"+"SyEXAMPLE0123456789abcdefghijklmno-_"),
	},
		Clean: []string{"AIza", "the prefix AIza marks a key", "AIzaSy..."}},
	{Rule: "google-oauth", Match: []Example{
		whole("ya29" + ".a0EXAMPLEfghijklmnop_qrstuv-wxyz0123456789"),
		whole("GOC" + "SPX-EXAMPLE_0123456789abcdefghij"),
	},
		Clean: []string{"ya29.", "GOCSPX-"}},
	{Rule: "anthropic", Match: []Example{whole("sk-ant-" + "api03-EXAMPLE_0123456789-abcdefghijklmnopqrstuvwxyzAA")},
		Clean: []string{
			"sk-ant-", "keys begin with sk-ant-api03-",
		}},
	{Rule: "openai", Match: []Example{
		whole("sk-" + "EXAMPLE0123456789abcdT3BlbkFJEXAMPLE0123456789ab"),
		whole("sk-proj-" + "EXAMPLE_0123456789-abcdefghijklmnopqrstuvwxyz"),
		whole("sk-svcacct-" + "EXAMPLE_0123456789-abcdefghijklmnopqr"),
		whole("sk-" + "or-v1-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
		part("key\\nsk-"+"EXAMPLE0123456789abcdefgh\\n", "sk-"+"EXAMPLE0123456789abcdefgh"),
	},
		Clean: []string{
			"sk-learn-style-estimators-are-fine", "task-0123456789abcdef0123456789abcdef",
			"risk-assessment-for-the-whole-company", "disk-usage",
		}},
	{Rule: "aws-access-key", Match: []Example{
		whole("AKIA" + "IOSFODNN7EXAMPLE"),
		whole("ASIA" + "IOSFODNN7EXAMPLE"),
	},
		Clean: []string{"AKIA", "SLOVAKIA0123456789ABCDEF", "ASIA PACIFIC"}},
	{Rule: "github", Match: []Example{
		whole("ghp" + "_EXAMPLE0123456789abcdefghijklmnopqrs"),
		whole("gho" + "_EXAMPLE0123456789abcdefghijklmnopqrs"),
		whole("ghu" + "_EXAMPLE0123456789abcdefghijklmnopqrs"),
		whole("ghs" + "_EXAMPLE0123456789.abcdefghijkl.mnopqrs"),
		whole("ghr" + "_EXAMPLE0123456789abcdefghijklmnopqrs"),
		whole("github" + "_pat_EXAMPLE0123456789abcd_efghijklmnopqrstuvwxyz"),
	},
		Clean: []string{"ghp_", "the ghp_ prefix", "ghs_short"}},
	{Rule: "gitlab", Match: []Example{
		whole("glpat" + "-EXAMPLE0123456789ab"),
		whole("glrt" + "-EXAMPLE_0123456789.01.abcdefg"),
	},
		Clean: []string{"glpat-", "glpat-xyz"}},
	{Rule: "slack", Match: []Example{
		whole("xoxb" + "-0123456789-0123456789012-EXAMPLEabcdefghijklmnopq"),
		whole("xoxp" + "-0123456789-0123456789-0123456789-EXAMPLE0123456789abcdef"),
		whole("xoxa" + "-2-0123456789-EXAMPLE"),
		whole("xoxr" + "-0123456789-EXAMPLE"),
		whole("xoxs" + "-0123456789-0123456789-EXAMPLE"),
		whole("xapp" + "-1-A0123456789-0123456789012-EXAMPLE"),
		part("https://hooks.slack.com/"+"services/T00000000/B00000000/EXAMPLEabcdefghijklmnopq",
			"T00000000/B00000000/EXAMPLEabcdefghijklmnopq"),
	},
		Clean: []string{"xoxb-", "xoxo-with-love-and-kisses", "xoxb-your-token-here"}},
	{Rule: "stripe", Match: []Example{
		whole("sk" + "_live_EXAMPLE0123456789abcdef"),
		whole("rk" + "_live_EXAMPLE0123456789abcdef"),
		whole("pk" + "_live_EXAMPLE0123456789abcdef"),
		whole("sk" + "_test_EXAMPLE0123456789abcdef"),
		whole("whsec" + "_EXAMPLE0123456789abcdefghij"),
	},
		Clean: []string{"sk_live_", "disk_live_migration", "task_test_case_names"}},
	{Rule: "npm", Match: []Example{whole("npm" + "_EXAMPLE0123456789abcdefghijklmnopqrs")},
		Clean: []string{"npm_config_registry", "npm_package_version_0"}},
	{Rule: "hugging-face", Match: []Example{whole("hf" + "_EXAMPLEabcdefghijklmnopqrstuvwxyzA")},
		Clean: []string{"hf_hub_download", "hf_transformers"}},
	{Rule: "groq", Match: []Example{whole("gsk" + "_EXAMPLE0123456789abcdefghijklmnopqrstuvwxyz")},
		Clean: []string{"gsk_", "gsk_renderer"}},
	{Rule: "xai", Match: []Example{whole("xai" + "-EXAMPLE0123456789abcdefghijklmnopqrstuvwxyz")},
		Clean: []string{"xai-", "xai-org/grok"}},
	{Rule: "sendgrid", Match: []Example{whole("SG" + ".EXAMPLE0123456789abcd.EXAMPLE0123456789abcdefghijklmnopqrs-_ABCD")},
		Clean: []string{"SG.", "MSG.something.else.is.fine"}},
	{Rule: "twilio", Match: []Example{whole("SK" + "0123456789abcdef0123456789abcdef")},
		Clean: []string{"SK", "TASK0123456789abcdef0123456789abcdef"}},
	{Rule: "vault", Match: []Example{whole("hvs" + ".EXAMPLE0123456789abcdefgh")},
		Clean: []string{"hvs.", "hvs.example.com"}},
	{Rule: "pypi", Match: []Example{whole("pypi" + "-AgEIcHlwaS5vcmcEXAMPLE0123456789")},
		Clean: []string{"pypi-server", "pypi-AgE"}},
	{Rule: "digitalocean", Match: []Example{whole("dop" + "_v1_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")},
		Clean: []string{"dop_v1_", "api_v1_0123456789abcdef0123456789"}},
	{Rule: "replicate", Match: []Example{whole("r8" + "_EXAMPLE0123456789abcdefghijklmnopqrstu")},
		Clean: []string{"r8_", "r8_unorm_srgb", "var8_name"}},
	{Rule: "perplexity", Match: []Example{whole("pplx" + "-EXAMPLE0123456789abcdefghijklmnopqrstuvwxyz0123")},
		Clean: []string{"pplx-", "pplx-70b-online"}},
	{Rule: "grafana", Match: []Example{whole("glsa" + "_EXAMPLE0123456789abcdefghijklmno_01234567"), whole("glc" + "_eyJvIjoiRVhBTVBMRSIsIm4iOiJFWEFNUExFIn0=")},
		Clean: []string{"glsa_", "glc_short"}},
	{Rule: "shopify", Match: []Example{whole("shpat" + "_0123456789abcdef0123456789abcdef"), whole("shpss" + "_0123456789abcdef0123456789abcdef")},
		Clean: []string{"shpat_", "shpat_token"}},
	{Rule: "docker", Match: []Example{whole("dckr" + "_pat_EXAMPLE0123456789abcdefg")},
		Clean: []string{"dckr_pat_", "dckr_patches"}},
	{Rule: "sentry", Match: []Example{whole("sntrys" + "_eyJpYXQiOjEsInUiOiJFWEFNUExFIn0=_EXAMPLE0123456789"), whole("sntryu" + "_0123456789abcdef0123456789abcdef")},
		Clean: []string{"sntrys_"}},
	{Rule: "new-relic", Match: []Example{whole("NRAK" + "-EXAMPLE0123456789ABCDEFGHIJ")},
		Clean: []string{"NRAK-", "NRAK-keys"}},
	{Rule: "rubygems", Match: []Example{whole("rubygems" + "_0123456789abcdef0123456789abcdef0123456789abcdef")},
		Clean: []string{"rubygems_version"}},
	{Rule: "age", Match: []Example{whole("AGE-SECRET-" + "KEY-1EXAMPLE0123456789ABCDEFGHJKLMNPQRSTUVWXYZ0123456789")},
		Clean: []string{"AGE-SECRET-KEY-1", "AGE-SECRET-KEY-1 begins one"}},
	{Rule: "jwt", Match: []Example{
		whole("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9" + ".eyJzdWIiOiJFWEFNUExFIn0" + ".c2lnbmF0dXJlLUVYQU1QTEU"),
		whole("eyJhbGciOiJub25lIn0" + ".eyJzdWIiOiJFWEFNUExFIn0"),
		whole("eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0" + "..aXYtRVhBTVBMRQ.Y2lwaGVydGV4dA.dGFn"),
	},
		Clean: []string{"eyJ", "eyJhbGciOiJIUzI1NiJ9 is only a header", "eyJhbGciOiJIUzI1NiJ9.go"}},
	{Rule: "bearer", Match: []Example{
		part("sent Bearer abc123EXAMPLE.def", "abc123EXAMPLE.def"),
		part("sent Bearer EXAMPLE-token.", "EXAMPLE-token"),
		part("bearer  0123456789abcdef", "0123456789abcdef"),
		part("auth=Basic%20dXNlcjpFWEFNUExF", "dXNlcjpFWEFNUExF"),
		part("proxy wants basic dXNlcjpFWEFNUExF today", "dXNlcjpFWEFNUExF"),
	},
		Clean: []string{
			"a bearer of good news", "Bearer authentication is simple", "Basic understanding of physics",
			"BASIC 1964", "Bearer <token>", `Bearer realm="x"`, "the Bearer token", "basic arithmetic operations",
		}},
	{Rule: "private-key", Match: []Example{
		part("-----BEGIN RSA PRIVATE KEY-----\nTUlJRUVYQU1QTEUx\nTUlJRUVYQU1QTEUy\n-----END RSA PRIVATE KEY-----\n", "TUlJRUVYQU1QTEUx\nTUlJRUVYQU1QTEUy"),
		part("key: -----BEGIN PRIVATE KEY-----\nTUlJRUVYQU1QTEUx\nTUlJRUVYQU1Q", "TUlJRUVYQU1Q"),
		part(`{"k":"-----BEGIN EC PRIVATE KEY-----\nTUlJRUVYQU1QTEUx\nTUlJRUVYQU1QTEUy\n-----END EC PRIVATE KEY-----\n"}`, "TUlJRUVYQU1QTEUy"),
		part(`-----BEGIN OPENSSH PRIVATE KEY-----\nTUlJRUVYQU1QTEUx\nTUlJRUVYQU1`, "TUlJRUVYQU1"),
		part("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nTUlJRUVYQU1QTEUx\n", "TUlJRUVYQU1QTEUx"),
		part("-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2 (Linux)\n\nTUlJRUVYQU1QTEUx\n=abcd\n-----END PGP PRIVATE KEY BLOCK-----", "TUlJRUVYQU1QTEUx"),
		part("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nTUlJRUVYQU1QTEUx\n---- END SSH2 ENCRYPTED PRIVATE KEY ----", "TUlJRUVYQU1QTEUx"),
		part("-----BEGIN PRIVATE KEY----- TUlJRUVYQU1QTEUx TUlJRUVYQU1QTEUy -----END PRIVATE KEY-----", "TUlJRUVYQU1QTEUy"),
	},
		Clean: []string{
			"-----BEGIN CERTIFICATE-----\nTUlJRUVYQU1QTEUx\n-----END CERTIFICATE-----",
			"-----BEGIN PUBLIC KEY-----", "-----BEGIN", "| --- | ----- |", "----------------",
			"A key begins with -----BEGIN PRIVATE KEY----- on a line of its own, then comes base64.",
		}},
	{Rule: "url-password", Match: []Example{
		part("https://user:EXAMPLEpass@example.com/path", "EXAMPLEpass"),
		part("postgres://admin:EXAMPLE:p@ss@db:5432/app?x=1", "EXAMPLE:p@ss"),
		part("redis://:EXAMPLEpass@localhost:6379", "EXAMPLEpass"),
		part(`"amqp:\/\/guest:EXAMPLEpass@mq"`, "EXAMPLEpass"),
		part("https://EXAMPLEtoken0123456789@example.com/x.git", "EXAMPLEtoken0123456789"),
		part("postgres://admin:EXAMPLE/p#ss@db:5432/app", "EXAMPLE/p#ss"),
	},
		Clean: []string{
			"https://example.com:8080/a@b", "ssh://git@github.com/x/y", "http://[::1]:80/", "https://example.com/user:pass@x",
			"https://user:@example.com", "see http://example.com, http://example.org",
		}},
	{Rule: "dsn-password", Match: []Example{part("root:EXAMPLE@pass@tcp(127.0.0.1:3306)/db", "EXAMPLE@pass")},
		Clean: []string{"root@tcp(127.0.0.1:3306)/db", "someone@example.com"}},
	{Rule: "pair", Match: []Example{
		part("password=EXAMPLE-pass", "EXAMPLE-pass"),
		part("user=bob passwd=EXAMPLE,pa;ss&x extra=1", "EXAMPLE,pa;ss&x"),
		part("api_key: EXAMPLEvalue1", "EXAMPLEvalue1"),
		part("My API key: EXAMPLEvalue1", "EXAMPLEvalue1"),
		part("**Password:** EXAMPLE-pass", "EXAMPLE-pass"),
		part("- ***my API key:*** EXAMPLE-pass", "EXAMPLE-pass"),
		part("token=EXAMPLEvalue1", "EXAMPLEvalue1"),
		part(`{"api_key": "EXAMPLE \"value\" 1", "model": "m"}`, `EXAMPLE \"value\" 1`),
		part(`{"token":8240175931}`, "8240175931"),
		part(`"{\"access_token\":\"EXAMPLE value\",\"n\":1}"`, "EXAMPLE value"),
		part(`{'client_secret': 'EXAMPLE value'}`, "EXAMPLE value"),
		part(`{"credentials":{"user":"EXAMPLEuser","x":["EXAMPLE2"]},"n":1}`, "EXAMPLEuser"),
		part(`os.environ["API_KEY"] = "EXAMPLE value"`, "EXAMPLE value"),
		part(`http.Header{"Authorization":[]string{"EXAMPLE value"}, "Accept":[]string{"a"}}`, "EXAMPLE value"),
		part(`{Credentials:auth.Basic{User:"u", X:"EXAMPLE value"}}`, "EXAMPLE value"),
		part(`password=EXA"MPLE'pass x`, `EXA"MPLE'pass`),
		part(`C:\token=EXAMPLEvalue1`, "EXAMPLEvalue1"),
		part("password=EX{AMP}LE-pass x", "EX{AMP}LE-pass"),
		part("password='EXAMPLE''s value'", "s value"),
		part(`{"name":"DB_PASSWORD","value":"EXAMPLE value"}`, "EXAMPLE value"),
		part(`{\"key\": \"x-api-key\", \"value\": \"EXAMPLE value\"}`, "EXAMPLE value"),
		part("env:\n- name: DB_PASSWORD\n  value: EXAMPLE-value", "EXAMPLE-value"),
		part("map[model:m x-goog-api-key:EXAMPLEvalue1 z:1]", "EXAMPLEvalue1"),
		part("https://example.com/v1?alt=json&key=EXAMPLEvalue1&x=2", "EXAMPLEvalue1"),
		part("https://example.com/v1?access_token=EXAMPLEvalue1#top", "EXAMPLEvalue1"),
		part(`https://example.com/v1?alt=json\u0026key=EXAMPLEvalue1`, "EXAMPLEvalue1"),
		part("next=https%3A%2F%2Fexample.com%2F%3Fa%3D1%26token%3DEXAMPLEvalue1%26b%3D2", "EXAMPLEvalue1"),
		part("Server=db;Password=EXAMPLEpass;Database=x", "EXAMPLEpass"),
		part("Authorization: Digest username=\"u\", response=\"EXAMPLEresponse\"\nHost: x", "EXAMPLEresponse"),
		part("curl -H 'Authorization: Bearer EXAMPLEtoken' https://example.com", "EXAMPLEtoken"),
		part(`{"headers":"Authorization: ApiKey EXAMPLEtoken\r\nHost: x"}`, "EXAMPLEtoken"),
		part("Cookie: sid=EXAMPLEsid; theme=dark\nHost: x", "EXAMPLEsid"),
		part("Set-Cookie: sid=\"EXAMPLE sid\"; Path=/; HttpOnly", "EXAMPLE sid"),
		part("passphrase: EXAMPLE horse battery staple", "EXAMPLE horse battery staple"),
		part("session=0123456789EXAMPLE", "0123456789EXAMPLE"),
		part("cvv: 123", "123"),
	},
		Clean: []string{
			"total_token_count: 123", "max_tokens=100", `{"prompt_tokens":12,"completion_tokens":3}`, "tokens: 5",
			"usage: none", "password: ", "password=", `{"password":""}`, `{"password":null}`, "password: string",
			"Session: Monday", "Cookie: a small file kept by the browser", "the key: practice", "key=value",
			"level=info msg=done status=200", "12:30:05", "password=[REDACTED]", `"token":"[REDACTED]"`,
			"Authorization: [REDACTED]", "first pass: done", `{"name":"region","value":"eu"}`, "the password has value: high", "value=1",
		}},
	{Rule: "element", Match: []Example{
		part("<user>bob</user><password>EXAMPLE pass</password>", "EXAMPLE pass"),
		part("<wsse:Password>EXAMPLE", "EXAMPLE"),
		part(`"\u003cPassword\u003eEXAMPLE pass\u003c/Password\u003e"`, "EXAMPLE pass"),
	},
		Clean: []string{"<password></password>", "a > b", "<model>token</model>", "->", "<password/>"}},
	{Rule: "flag", Match: []Example{
		part("run --user bob --password EXAMPLE-pass --verbose", "EXAMPLE-pass"),
		part(`run --api-key "EXAMPLE value"`, "EXAMPLE value"),
	},
		Clean: []string{"run --verbose now", "--password is needed", "--token --other", "use --password"}},
	{Rule: "card-number", Match: []Example{
		whole("4242" + "424242424242"), whole("4000-0566" + "-5566-5556"), whole("5555 5555" + " 5555 4444"),
		whole("3782 822463" + " 10005"), part("card "+"3056930902"+"5904", "3056930902"+"5904"), whole("6011" + "111111111117"),
		whole("3566002" + "020360505"), whole("6200000" + "000000005"), whole("2223003" + "122003222"),
		part("paid with "+"4242"+"424242424242"+" 12/30", "4242"+"424242424242"),
	},
		Clean: []string{
			"4242424242424241", "1700000000000000000", "1712345678901", "0.4242424242424242", "42424242424242424242424",
			"4242", "2024-01-02 03:04:05", "a4242424242424242", "550e8400-e29b-41d4-a716-446655440000",
		}},
}
