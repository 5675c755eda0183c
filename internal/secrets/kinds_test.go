package secrets

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// ways are the ways in which people and programs write a secret down; § stands for it.
var ways = []string{
	"password:\t§", "password\t=\t§", "a%3D1%26password%3D§%26b", "password%253D§", "password\\u003d§", "\x1b[32mpassword\x1b[0m=\x1b[33m§\x1b[0m", "\x1b[2mpassword=\x1b[0m§", "\\u001b[2mpassword=\\u001b[0m§", "level=info \x1b[36mapi_key=\x1b[0m§",
	"password=§", "password =    §", "password:\n  §", "\"password\":\n  \"§\"", "{\n  \"password\":   \"§\"\n}", "-password x=1 -password §",
	"-password §", "-passwd § run", "--pass §", "--pw §", "curl -u bob:§ https://h", "curl -u 'bob:§' https://h", "curl --user \"bob:§\" h",
	"curl -ubob:§ h", "curl -H \"Authorization: Custom §\" h", "wget --password § h", "wget --user=bob --password=§ h", "http -a bob:§ h",
	"mysql -uroot -p§ db", "mysqldump --password=§ db", "PGPASSWORD='§' psql", "mongo -u a -p §", "docker login -u a -p § reg",
	"<password><![CDATA[§]]></password>", "<Password>§</Password>", "<db user=\"a\" password=\"§\"/>", "<add key=\"DbPassword\" value=\"§\"/>",
	"<property name=\"password\" value=\"§\"/>", "<param name=\"password\">§</param>", "&lt;password&gt;§&lt;/password&gt;",
	"<input type=\"password\" value=\"§\">", "<entry key=\"password\">§</entry>", "password: >-\n  §\nx: 1", "password: |-\n    §\n",
	"stringData:\n  DB_PASS: §", "env:\n  - name: DB_PASSWORD\n    value: \"§\"", "{Name:DB_PASSWORD Value:§ ValueFrom:nil}",
	"{\"name\":\"DB_PASSWORD\",\"value\":\"§\"}", "v1.EnvVar{Name:\"DB_PASSWORD\", Value:\"§\", ValueFrom:(*v1.EnvVarSource)(nil)}",
	"{Key:password Value:§}", "{\"Key\":\"api_key\",\"Value\":\"§\"}", "[{password §}]", "ALTER USER bob WITH PASSWORD '§'",
	"CREATE ROLE a LOGIN PASSWORD '§'", "SET PASSWORD = '§'", "SET PASSWORD FOR 'bob'@'%' = PASSWORD('§')",
	"GRANT ALL ON *.* TO 'u'@'h' IDENTIFIED BY '§'", "ALTER LOGIN sa WITH PASSWORD = '§'", "IDENTIFIED WITH mysql_native_password BY '§'",
	"create user x identified by §", "%22password%22%3A%22§%22", "%7B%22password%22:%22§%22%7D", "password%3A%20§", "q=password%3A+§",
	"{&quot;password&quot;:&quot;§&quot;}", "password&#61;§", "password=&quot;§&quot;", "{\\\"password\\\":\\\"§\\\"}",
	"{\\u0022password\\u0022:\\u0022§\\u0022}", "password\\u003d\\u0022§\\u0022", "a=1\\u0026password=§\\u0026b", "x?a=1&amp;password=§&amp;b=2",
	"\"password\\\\\\\": \\\\\\\"§\\\\\\\"\"", "https://§:@api.example.com/v1", "https://§:x-oauth-basic@github.com", "root:§@/db",
	"root:§@(127.0.0.1:3306)/db", "user:§@cloudsql(proj:reg:inst)/db", "user:§@unix(/tmp/mysql.sock)/db", "sqlserver://sa:§@h?database=x",
	"user=a password=§ host=b", "redis://:§@h:6379/0", "amqp://a:§@h/%2f", "mongodb://u:§@h1,h2/db", "Data Source=h;User ID=a;Password=§;",
	"oracle://a:§@h/s", "a/§@//h:1521/svc", "jdbc:oracle:thin:a/§@h:1521:x", "jdbc:mysql://h/db?user=a&password=§", "snowflake: a:§@acct/db",
	"ldap://cn=a:§@h", "socks5://a:§@h:1080", "proxy=http://a:§@p:3128", "my password is §.", "the password is: §", "password was §",
	"use password § to log in", "password `§`", "password (§)", "password \"§\"", "passwd §", "Password for bob is §", "password of bob: §", "pass: §",
	"pw: §", "PW=§", "user/pass: bob/§", "credentials: bob:§", "creds=bob:§", "token § accepted", "token is §", "secret is §", "api key is §",
	"API Key: §", "machine h login a password §", "AUTH default §", "HELLO 3 AUTH bob §", "PASS §", "CONFIG SET requirepass §", "requirepass §",
	"-requirepass §", "sshpass -p '§' ssh h", "openssl -passin pass:§", "keytool -storepass §", "-Djavax.net.ssl.keyStorePassword=§", "-Dpassword=§",
	"--from-literal=password=§", "smbclient -U bob%§ //h/s", "authorization: §", "Authorization: ApiKey §", "Authorization: Foo §",
	"Authorization=Bearer §", "\"authorization\":\"Foo §\"", "Authorization:Bearer §",
	"Authorization: AWS4-HMAC-SHA256 Credential=AKIAX/2026, SignedHeaders=host, Signature=§", "X-Auth: §", "X-Access-Token: §",
	"X-Amz-Signature=§9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4", "Set-Cookie: sid=§; Path=/", "Cookie: a=b; session=§", "X-Secret: §", "Private-Token: §",
	"X-Gitlab-Token: §", "X-Plex-Token: §", "x-functions-key: §", "X-RapidAPI-Key: §22", "Ocp-Apim-Subscription-Key: §", "apiKey: §",
	"[b'authorization', b'Bearer §']", "('Authorization', 'Token §')", "[[\"authorization\",\"Bearer §\"]]", "Authorization=[Bearer §]",
	"headers={Authorization=Bearer §, Accept=x}", "Authorization: \"Bearer §\"", "-H Authorization:§", "?token=§", "&sig=§%3D", "?X-Amz-Security-Token=§",
	"#id_token=§", "?auth=§", "?api-key=§", "?client_secret=§", "?sv=1&sig=§", "?pwd=§", "?pass=§", "DB_PASS=§", "DB_PW=§", "HMAC_KEY=§33", "dbPass=§",
	"dbPassword: §", "STRIPE_KEY=§44", "OPENAI_KEY=§44", "SENDGRID_KEY=§44", "VAPID_PRIVATE_KEY=§", "FERNET_KEY=§44", "ENCRYPTION_SECRET=§",
	"SESSION_SECRET=§", "NEXTAUTH_SECRET=§", "WEBHOOK_SECRET=§", "SMTP_PASS=§", "REDIS_PASSWORD=§", "MYSQL_PWD=§", "AUTH0_CLIENT_SECRET=§",
	"JWT_SIGNING_KEY=§", "GH_PAT=§44", "PASSPHRASE=§", "BOT_TOKEN=§", "KEYSTORE_PASS=§", "ROOT_PW=§", "passwort: §", "пароль: §", "パスワード: §", "密码=§",
	"senha=§", "contraseña: §", "mot de passe : §", "parola=§", "hasło=§", "heslo: §", "wachtwoord: §", "lösenord: §",
	"user,password\nbob,§", "id;api_key;x\n1;§;y", "a\tdb_password\n1\t§\n", "| user | password |\n|------|----------|\n| bob | § |", "user,password\\nbob,§\\n",
	"INSERT INTO users (name, password) VALUES ('bob', '§')", "insert into u(password,x)\nvalues ('§', 1)", "('x-api-key', '§')", "(b'authorization', b'Token §')",
	"[b'x-api-key', b'§']", "GET /v1/token/§/x", "/password/§/reset", "/reset/api_key/§?x=1", "apikey §", "auth_token §", "aws configure set aws_secret_access_key §",
	"authorization: GenieKey §", "Authorization: Splunk §", "password\n§", "root:§@/", "system/§@h:1521/XE", "creds: admin:§", "X-Auth-Token: §", "password=ab\x1b[31m§\x1b[0m x",
	"pwd is §", "the pwd was §", "password for user bob is §", "password of account bob: §", "| user | pwd |\n|---|---|\n| bob | § |", "tool /p:§ /q", "tool /p §", `net user bob §`, "ConvertTo-SecureString § -AsPlainText", "secret key is §", "the secret key was §", "password will be §", "password changed to §", "password should now be §", "to\u200bken: §", "api_\x1b[32mkey\x1b[0m=§", "GET /v1/api_key/§",
	"c := cohere.NewClient(\"§\")", "ftp_pass=§", "security_code: §", "Authorization: Bearer\n §", "userPassword: {SSHA}§§=", "{\"d\":\"§\",\"kty\":\"EC\"}",
}

// plain are ways that name a password beyond doubt: it may be made of letters only.
var plain = []string{
	`net use \\host\share /user:bob §`, `net use Z: \\host\data § /user:CORP\bob /persistent:yes`, "net user bob § /add", "cmdkey /add:host /user:bob /pass:§", "xfreerdp /u:bob /p:§ /v:host",
	"setup /password:§ /quiet", "setup /pw:§", `psexec \\host -u bob -p § cmd`, "schtasks /create /u bob /p §", "plink -pw § host", "7z a -p§ x.7z", "openssl rsa -in k.pem -passin pass:§",
	`ConvertTo-SecureString "§" -AsPlainText -Force`, "ConvertTo-SecureString -String '§' -AsPlainText", "pass phrase: § two three", "pass\x1b[31mword\x1b[0m=§", "\x1b[1mpass\x1b[0mword: §", "pass\u200bword=§", "passwo\u200brd=§", "pass\u00adphrase=§",
	"db.example.com:5432:app:bob:§", "*:*:*:bob:§", "localhost:5432:*:postgres:§\nother:5432:app:bob:§", "my password is §", "your password is §.", `password set to "§"`, "temporary password: §", "login: bob password: §", "passphrase: §",
}

func TestPlainWords(t *testing.T) {
	for _, way := range plain {
		for _, secret := range [...]string{"opensesame", "Trustnoone", "hunterzwei"} {
			text := strings.ReplaceAll(way, "§", secret)
			got, _ := Text(text)
			assert.NotContains(t, got, secret, "%q", text)
		}
	}
}

// numbers are personal data, which is hidden whole or not at all, and codes.
var numbers = []string{
	"Authorization: Basic Ym9iOlRyMFhrOXFMbTJWYg==",
	"MFA_CODE=123456",
	"otp=123456",
	"OTP code: 123456",
	"verification code: 123456",
	"pin=4821",
	"PIN: 4821",
	"cvv: 123",
	"CVC=123",
	"IBAN: GB82 WEST 1234 5698 7654 32",
	"iban GB82WEST12345698765432",
	"phone: +1 415 555 2671",
	"phone=+1 (415) 555-2671",
	"tel: +49 30 1234567",
	"dob: 1985-03-12",
	"dob=12 March 1985",
	"date_of_birth: 12/03/1985",
	"SSN 536-22-8841",
	"mobile number: +91 98765 43210", "phone = 0151 / 123 456 78", "phone: 1-415-555-2671 ext. 22", "office phone: (555) 123-4567 x89", "phone: 0151 - 123 456", "iban: gb82 west 1234 5698 7654 32", "iban: fr76-3000-6000-0112-3456-7890-189",
	"dob: March 12, 1985", "dob: 12. M\u00e4rz 1985", "date of birth: 12/03/1985", "Date of birth: 12th March 1985", "date_of_birth: 12 march 1985", "birthday: 3 f\u00e9vrier 1985", "geburtsdatum: 12.03.1985", "national_id: 12 34 56 A 789",
	"account number: 1234 5678 9012", "social security number: 536 22 8841",
	"passport: X1234567",
	"email: bob@example.com",
	"card 4539 8912 4926 6226",
	"4539-8912-4926-6226",
	"PAN=4539" + "891249266226",
	"card: 6304" + "000000000000",
	"3530" + "111333300000",
	"6200" + "000000000005",
	"birthday: 1985-03-12",
	"phone: (415) 555-2671",
	"driver_license=D1234567",
	"nin: QQ123456C",
	"\"number\":\"4539" + "891249266226\"",
}

// made is a secret as a generator makes them: of n capitals, small letters and digits in turns.
func made(r *rand.Rand, n int) string {
	const kinds = "ABCDEFGHJKMNPQRSTUVWXYZ|abcdefghjkmnpqrstuvwxyz|23456789"
	sets := strings.Split(kinds, "|")
	b := make([]byte, n)
	for i := range b {
		set := sets[i%3]
		b[i] = set[r.IntN(len(set))]
	}
	return string(b)
}

func TestWays(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, way := range ways {
		for range 5 {
			n := 12
			if strings.Contains(way, "KEY=§") || strings.Contains(way, "_PAT=§") || strings.Contains(way, "Key: §") {
				n = 24
			}
			secret := made(r, n)
			text := strings.ReplaceAll(way, "§", secret)
			got, n := Text(text)
			assert.NotContains(t, got, secret, "%q", text)
			assert.Positive(t, n)
			again, _ := Text(got)
			assert.Equal(t, got, again, "hiding twice changes nothing")
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, text := range numbers {
		got, n := Text(text)
		assert.Positive(t, n, "%q", text)
		assert.LessOrEqual(t, digitsIn(got), 1, "%q: hidden in part", got)
	}
}

func digitsIn(s string) (n int) {
	for i := range len(s) {
		if digit[s[i]] {
			n++
		}
	}
	return n
}

// body returns what may follow the prefix of a token, made at random.
func (t *token) random(r *rand.Rand) string {
	alphabet := ""
	for c := range 0x80 {
		if t.body[c] && alnum[c] {
			alphabet += string(rune(c))
		}
	}
	for try := range 3000 {
		n := []int{t.min, t.min + 2, 22, 24, 32, 36, 38, 43, 64, 110}[try%10]
		b := make([]byte, max(n, t.min))
		for i := range b {
			b[i] = alphabet[r.IntN(len(alphabet))]
		}
		if len(b) >= 36 && t.body['-'] && try%2 == 0 && !t.body['z'] {
			for _, dash := range [...]int{8, 13, 18, 23} {
				b[dash] = '-'
			}
			b = b[:36]
		}
		if strings.HasPrefix(t.prefix, "pi_") || strings.HasSuffix(t.prefix, "_") && t.check != nil && t.body['_'] && try%2 == 1 {
			b = append(append(b[:min(len(b), 24)], "_secret_"...), b[:min(len(b), 24)]...)
		}
		if body := string(b); len(body) >= t.min && (t.check == nil || t.check(body[:min(len(body), checkLen)])) && hasDigit(body) {
			return body
		}
	}
	return ""
}

// Tokens made at random of all vendors are found: alone, in text, in JSON, in a URL, in a header.
func TestTokensOfVendors(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	seen := map[string]bool{}
	for i := range tokenRules {
		rule := &tokenRules[i]
		assert.NotEmpty(t, rule.Source, rule.Name)
		assert.False(t, seen[rule.Name], rule.Name)
		seen[rule.Name] = true
		for k := range rule.tokens {
			body := rule.tokens[k].random(r)
			if !assert.NotEmpty(t, body, "nothing satisfies %s", rule.tokens[k].prefix) {
				continue
			}
			for _, around := range [...][2]string{{"", ""}, {"sent ", " to them"}, {`{"x":"`, `","y":1}`}, {"https://example.com/?x=", "&y=1"}, {"X-Note: ", "\r\nHost: x"}, {"(", ")"}, {`\n`, `\n`}} {
				got, _ := Text(around[0] + rule.tokens[k].prefix + body + around[1])
				assert.NotContains(t, got, body, "%s: %q", rule.Name, got)
			}
		}
	}
}
