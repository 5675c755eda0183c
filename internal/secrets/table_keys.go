package secrets

import "slices"

// keyRules are the names. Sources: the fields of the HTTP headers of RFC 9110 (authorization) and
// RFC 6265 (cookie, set-cookie), of OAuth 2.0 (RFC 6749: client_secret, access_token, refresh_token;
// RFC 7523: client_assertion; RFC 7636: code_verifier) and OpenID Connect (id_token), the header names of
// the providers (x-goog-api-key, api-key, x-api-key, Ocp-Apim-Subscription-Key), and the deny list of
// Sentry's scrubber, https://docs.sentry.io/security-legal-pii/scrubbing. Of personal data there is what
// names one person or account by itself; names and places are left to those who log them.
var keyRules = slices.Concat(
	// What stands under these is hidden whatever it is.
	keys(Secret, End, nil, "apikey", "apikeys", "secretkey", "privatekey", "privatekeys", "privatekeyid", "privkey", "accesskey", "accesskeyid",
		"accountkey", "authkey", "encryptionkey", "masterkey", "signingkey", "subscriptionkey", "sharedaccesssignature", "hmackey", "deploykey",
		"sharedkey", "consumerkey", "licensekey", "clientkey", "secretkeybase", "sessionkey", "recoverykey", "presharedkey"),
	keys(Secret, Tail, nil, "sshkey", "adminkey", "tlskey", "sslkey", "gpgkey", "aeskey", "rsakey", "appkey", "writekey", "rootkey", "psk"),
	keys(Secret, Word, nil, "password", "passwd", "secret"),
	keys(Secret, End, nil, "password", "passwords", "passwd", "passcode", "secret", "passwort", "kennwort", "motdepasse", "contraseña", "contrasena",
		"wachtwoord", "lösenord", "salasana", "adgangskode", "hasło", "пароль", "密码", "密碼", "パスワード", "비밀번호"),
	keys(Secret, Tail, nil, "senha", "heslo", "haslo", "parola", "sifre", "şifre", "passord", "losenord", "mdp"),
	[]KeyRule{{Name: "passphrase", Where: End, Kind: Secret, line: true}},
	[]KeyRule{{Name: "pwd", Where: Tail, Kind: Secret, path: true}},
	keys(Secret, End, nil, "dbpwd", "userpwd"),
	keys(Secret, Tail, nil, "otp", "secrets", "jwt"),
	keys(Secret, End, nil, "token", "accesstokens", "refreshtokens", "clientassertion", "codeverifier", "samlresponse"),
	[]KeyRule{{Name: "bearer", Where: Tail, Kind: Secret, weak: true},
		{Name: "authorization", Where: End, Kind: Secret, line: true},
		{Name: "auth", Where: Whole, Kind: Secret, weak: true},
		{Name: "credential", Where: End, Kind: Secret, weak: true, path: true},
		{Name: "credentials", Where: End, Kind: Secret, weak: true, path: true},
		{Name: "creds", Where: Tail, Kind: Secret, weak: true},
		{Name: "cookie", Where: End, Kind: Secret, weak: true, line: true},
		{Name: "cookies", Where: End, Kind: Secret, weak: true, line: true},
		{Name: "session", Where: Whole, Kind: Secret, weak: true},
		{Name: "sessionid", Where: End, Kind: Secret, weak: true}},
	keys(Secret, End, nil, "sessid", "connectionstring", "credentialsjson", "serviceaccountjson", "recoverycode", "recoverycodes",
		"backupcode", "backupcodes", "verificationcode", "authcode", "devicecode", "accesscode", "securityanswer", "secretanswer", "seedphrase",
		"recoveryphrase", "totpseed", "mfacode", "securitycode",
		"dbpass", "userpass", "rootpass", "adminpass", "smtppass", "mailpass", "emailpass", "ftppass", "sshpass", "sudopass", "becomepass", "ldappass", "proxypass", "mysqlpass", "redispass"),
	keys(Secret, Tail, nil, "mnemonic"),
	keys(Secret, Whole, nil, "connectsid"),

	// What stands under these is hidden when it looks like a secret.
	keys(Secret, Tail, strong, "key", "keys", "signature", "sig", "session", "sid", "dsn", "pat", "hash", "macaroon", "assertion", "login"),
	keys(Secret, End, strong, "databaseurl", "databaseuri", "redisurl", "mongouri", "mongourl", "brokerurl", "connstr", "dburl", "amqpurl"),
	keys(Secret, Tail, random, "pass", "pw", "nonce", "salt", "seed", "csrf", "xsrf", "passkey", "hmac", "auth", "passe"),
	keys(Secret, End, random, "storepass", "keypass", "requirepass", "masterauth", "mypass", "passwrd", "passw"),
	[]KeyRule{{Name: "pin", Where: Tail, Kind: Secret, judge: pinLike, pin: true}},

	keys(Personal, End, nil, "cardnumber", "creditcard", "socialsecuritynumber", "emailaddress", "phonenumber", "mobilenumber", "dateofbirth",
		"birthdate", "passportnumber", "nationalid", "taxid", "bankaccount", "accountnumber", "routingnumber", "geburtsdatum"),
	keys(Personal, Tail, nil, "cvv", "cvc", "iban", "ssn", "email", "emails", "phone", "dob", "birthday"),
	keys(Personal, Tail, manyDigits, "driverlicense", "driverslicense", "licensenumber", "aadhaar", "nin", "telephone", "telefon", "phones", "mobile", "msisdn", "passport", "cardno", "ccnumber", "ccnum", "passportno", "nino", "tel", "cellphone"),
)

// keys writes the table down.
func keys(kind Kind, where Where, judge func(string) bool, names ...string) []KeyRule {
	list := make([]KeyRule, len(names))
	for i, name := range names {
		list[i] = KeyRule{Name: name, Where: where, Kind: kind, judge: judge}
	}
	return list
}

// plainToken are the words before "token" that make it a piece of text, or a place in a list.
var plainToken = set("per", "first", "last", "next", "prev", "previous", "page", "continuation", "sync",
	"input", "output", "prompt", "completion", "cached", "reasoning", "thinking", "candidates", "text", "image", "audio",
	"stop", "eos", "bos", "pad", "unk", "sep", "cls", "mask", "special", "begin", "start", "end", "min", "max", "total", "num",
	"each", "inter", "tik", "word", "sentence", "nextpage", "app", "activity", "window", "unexpected")

// plainKey are the words before "key" that make it one to find something by.
var plainKey = set("cache", "partition", "primary", "foreign", "sort", "routing", "row", "idempotency", "idempotent", "public", "pub", "hash", "shard",
	"group", "object", "map", "dict", "index", "message", "event", "range", "order", "lookup", "dedup", "dedupe", "translation", "config",
	"registry", "hot", "bucket", "lock", "redis", "record", "field", "json", "query", "search", "trace", "context", "ctx", "attr", "tag",
	"label", "metric", "feature", "flag", "state", "unique", "composite", "natural", "candidate", "s3", "file", "upload", "blob", "item",
	"entity", "resource", "node", "job", "task", "queue", "topic", "stream", "segment", "region", "host", "cluster", "series", "project", "issue", "by", "the", "any", "image")

// aboutSecret are the last words of names that tell something about a secret, not the secret.
var aboutSecret = set("count", "length", "len", "size", "type", "policy", "rules", "required", "enabled", "strength",
	"expired", "expires", "expiry", "at", "ttl", "age", "name", "names", "version", "field", "manager",
	"url", "uri", "path", "file", "dir", "ref", "reset", "hint", "error", "err", "message", "status", "valid", "invalid", "ok", "exists", "source",
	"provider", "store", "arn", "label", "mode", "prompt", "attempts", "failures", "lines", "rotation", "days", "min", "max")

// words are a set of words in small letters.
type words map[string]bool

func set(list ...string) words {
	m := make(words, len(list))
	for _, w := range list {
		m[w] = true
	}
	return m
}

// has reports whether word, in any case, is in the set. It allocates nothing.
func (m words) has(word string) bool {
	var buf [20]byte
	if len(word) > len(buf) {
		return false
	}
	for i := range len(word) {
		buf[i] = lower(word[i])
	}
	return m[string(buf[:len(word)])]
}
