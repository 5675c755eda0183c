package secrets

// keyRules are the names. Sources: the fields of the HTTP headers of RFC 9110 (authorization) and
// RFC 6265 (cookie, set-cookie), of OAuth 2.0 (RFC 6749: client_secret, access_token, refresh_token;
// RFC 7523: client_assertion) and OpenID Connect (id_token), the header names of the providers
// (x-goog-api-key, api-key, x-api-key, Ocp-Apim-Subscription-Key), and the deny list of Sentry's
// scrubber, https://docs.sentry.io/security-legal-pii/scrubbing. Of personal data there is what names one
// person or account by itself; names and places are left to those who log them.
var keyRules = []KeyRule{
	{Name: "apikey", Where: End, Kind: Secret,
		Match:   []string{"api_key", "apikey", "apiKey", "API-KEY", "x-goog-api-key", "GEMINI_API_KEY", "OPENAIAPIKEY", "x_api_key_2"},
		NoMatch: []string{"api", "key", "api_key_count"}},
	{Name: "apikeys", Where: End, Kind: Secret, Match: []string{"api_keys"}},
	{Name: "secretkey", Where: End, Kind: Secret, Match: []string{"secretKey", "AWS_SECRETKEY"}},
	{Name: "privatekey", Where: End, Kind: Secret, Match: []string{"private_key", "privateKey", "ssh-private-key"}, NoMatch: []string{"private", "public_key"}},
	{Name: "privatekeys", Where: End, Kind: Secret, Match: []string{"private_keys"}},
	{Name: "privatekeyid", Where: End, Kind: Secret, Match: []string{"private_key_id"}},
	{Name: "accesskey", Where: End, Kind: Secret, Match: []string{"access_key", "SharedAccessKey"}, NoMatch: []string{"access", "access_count"}},
	{Name: "accesskeyid", Where: End, Kind: Secret, Match: []string{"AWS_ACCESS_KEY_ID"}},
	{Name: "accountkey", Where: End, Kind: Secret, Match: []string{"AccountKey"}},
	{Name: "authkey", Where: End, Kind: Secret, Match: []string{"auth_key"}},
	{Name: "encryptionkey", Where: End, Kind: Secret, Match: []string{"encryption_key"}},
	{Name: "masterkey", Where: End, Kind: Secret, Match: []string{"master_key"}},
	{Name: "signingkey", Where: End, Kind: Secret, Match: []string{"signing-key"}},
	{Name: "sshkey", Where: Tail, Kind: Secret, Match: []string{"ssh_key"}},
	{Name: "subscriptionkey", Where: End, Kind: Secret, Match: []string{"Ocp-Apim-Subscription-Key"}},
	{Name: "sharedaccesssignature", Where: End, Kind: Secret, Match: []string{"SharedAccessSignature"}},

	{Name: "password", Where: Word, Kind: Secret,
		Match:   []string{"password", "PASSWORD", "db.password", "user_password", "passwordHash", "password_1", "oldPasswordHash"},
		NoMatch: []string{"password_length", "passwordPolicy", "password_changed_at"}},
	{Name: "password", Where: End, Kind: Secret, Match: []string{"dbpassword"}},
	{Name: "passwords", Where: End, Kind: Secret, Match: []string{"passwords"}},
	{Name: "passwd", Where: Word, Kind: Secret, Match: []string{"passwd", "mysql_passwd_hash"}},
	{Name: "passwd", Where: End, Kind: Secret, Match: []string{"dbpasswd"}},
	{Name: "passphrase", Where: End, Kind: Secret, line: true, Match: []string{"passphrase", "keyPassphrase"}},
	{Name: "passcode", Where: End, Kind: Secret, Match: []string{"passcode"}},
	{Name: "pwd", Where: Tail, Kind: Secret, Match: []string{"pwd", "db_pwd", "userPwd"}, NoMatch: []string{"cwdpwd"}},
	{Name: "otp", Where: Tail, Kind: Secret, Match: []string{"otp", "user_otp"}, NoMatch: []string{"footp"}},

	{Name: "secret", Where: Word, Kind: Secret,
		Match:   []string{"secret", "client_secret", "clientSecret", "AWS_SECRET_ACCESS_KEY", "secret_id"},
		NoMatch: []string{"secretary", "secret_name", "secret_count"}},
	{Name: "secret", Where: End, Kind: Secret, Match: []string{"clientsecret"}},
	{Name: "secrets", Where: Tail, Kind: Secret, Match: []string{"secrets", "client_secrets"}},

	{Name: "token", Where: End, Kind: Secret,
		Match: []string{"token", "access_token", "refreshToken", "ID_TOKEN", "accesstoken", "bot-token", "x-auth-token",
			"csrf_token", "sessionToken", "X-Amz-Security-Token", "token2"},
		NoMatch: []string{"total_token_count", "prompt_tokens", "max_tokens", "tokenizer", "candidatesTokenCount",
			"promptTokenCount", "thoughtsTokenCount", "cachedContentTokenCount", "completion_tokens", "input_tokens",
			"token_count", "tokens", "tokens_per_second", "token_type", "tokenUsage", "usage", "usage_metadata",
			"time_to_first_token", "cost_per_token", "usd_per_output_token", "eos_token", "pad_token", "nextPageToken",
			"tiktoken", "cache_read_input_tokens", "TotalTokens"}},
	{Name: "accesstokens", Where: End, Kind: Secret, Match: []string{"access_tokens"}},
	{Name: "refreshtokens", Where: End, Kind: Secret, Match: []string{"refresh_tokens"}},
	{Name: "jwt", Where: Tail, Kind: Secret, Match: []string{"jwt", "user_jwt"}},
	{Name: "bearer", Where: Tail, Kind: Secret, weak: true, Match: []string{"bearer"}},
	{Name: "clientassertion", Where: End, Kind: Secret, Match: []string{"client_assertion"}},

	{Name: "authorization", Where: End, Kind: Secret, line: true,
		Match:   []string{"authorization", "Authorization", "Proxy-Authorization", "HTTP_AUTHORIZATION"},
		NoMatch: []string{"authorization_endpoint", "authorized"}},
	{Name: "auth", Where: Whole, Kind: Secret, weak: true, Match: []string{"auth"}, NoMatch: []string{"author", "auth_method"}},
	{Name: "credential", Where: End, Kind: Secret, weak: true, Match: []string{"credential", "X-Amz-Credential"}},
	{Name: "credentials", Where: End, Kind: Secret, weak: true, Match: []string{"credentials", "aws_credentials"}, NoMatch: []string{"credential_type"}},

	{Name: "cookie", Where: End, Kind: Secret, weak: true, line: true, Match: []string{"cookie", "Set-Cookie", "session_cookie"}, NoMatch: []string{"cookie_consent"}},
	{Name: "cookies", Where: End, Kind: Secret, weak: true, line: true, Match: []string{"cookies"}},
	{Name: "session", Where: Whole, Kind: Secret, weak: true, Match: []string{"session"}, NoMatch: []string{"session_count", "sessions", "session_duration_s"}},
	{Name: "sessionid", Where: End, Kind: Secret, Match: []string{"session_id", "sessionid", "JSESSIONID", "ASP.NET_SessionId"}},
	{Name: "sessid", Where: End, Kind: Secret, Match: []string{"PHPSESSID"}},
	{Name: "sessionkey", Where: End, Kind: Secret, Match: []string{"session_key"}},
	{Name: "connectsid", Where: Whole, Kind: Secret, Match: []string{"connect.sid"}},

	{Name: "connectionstring", Where: End, Kind: Secret, Match: []string{"connection_string"}},

	{Name: "cardnumber", Where: End, Kind: Personal, Match: []string{"card_number", "cardNumber", "credit-card-number"}, NoMatch: []string{"card", "number"}},
	{Name: "creditcard", Where: End, Kind: Personal, Match: []string{"credit_card"}},
	{Name: "cvv", Where: Tail, Kind: Personal, Match: []string{"cvv", "card_cvv2"}},
	{Name: "cvc", Where: Tail, Kind: Personal, Match: []string{"cvc"}},
	{Name: "iban", Where: Tail, Kind: Personal, Match: []string{"iban"}},
	{Name: "ssn", Where: Tail, Kind: Personal, Match: []string{"ssn", "user_ssn"}, NoMatch: []string{"lessn"}},
	{Name: "socialsecuritynumber", Where: End, Kind: Personal, Match: []string{"social_security_number"}},
	{Name: "email", Where: Tail, Kind: Personal, Match: []string{"email", "user_email", "customerEmail"},
		NoMatch: []string{"email_count", "emailVerified", "email_id_type", "femail"}},
	{Name: "emails", Where: Tail, Kind: Personal, Match: []string{"emails", "cc_emails"}},
	{Name: "emailaddress", Where: End, Kind: Personal, Match: []string{"email_address", "EmailAddress"}},
	{Name: "phone", Where: Tail, Kind: Personal, Match: []string{"phone", "home_phone"}, NoMatch: []string{"phone_model", "headphone", "phones_sold"}},
	{Name: "phonenumber", Where: End, Kind: Personal, Match: []string{"phone_number", "phoneNumber"}},
	{Name: "mobilenumber", Where: End, Kind: Personal, Match: []string{"mobile_number"}},
	{Name: "dateofbirth", Where: End, Kind: Personal, Match: []string{"date_of_birth", "dateOfBirth"}},
	{Name: "birthdate", Where: End, Kind: Personal, Match: []string{"birth_date", "birthdate"}},
	{Name: "dob", Where: Tail, Kind: Personal, Match: []string{"dob", "user_dob"}, NoMatch: []string{"adob"}},
	{Name: "passportnumber", Where: End, Kind: Personal, Match: []string{"passport_number"}},
	{Name: "nationalid", Where: End, Kind: Personal, Match: []string{"national_id"}},
	{Name: "taxid", Where: End, Kind: Personal, Match: []string{"tax_id", "taxId"}},
	{Name: "bankaccount", Where: End, Kind: Personal, Match: []string{"bank_account"}},
	{Name: "accountnumber", Where: End, Kind: Personal, Match: []string{"account_number", "accountNumber"}, NoMatch: []string{"account", "account_id"}},
	{Name: "routingnumber", Where: End, Kind: Personal, Match: []string{"routing_number"}},
}

// plainToken are the words before "token" that make it a piece of text, or a place in a list.
var plainToken = set("per", "first", "last", "next", "prev", "previous", "page", "continuation", "sync",
	"input", "output", "prompt", "completion", "cached", "reasoning", "thinking", "candidates", "text", "image", "audio",
	"stop", "eos", "bos", "pad", "unk", "sep", "cls", "mask", "special", "begin", "start", "end", "min", "max", "total", "num",
	"each", "inter", "tik", "word", "sentence", "nextpage")

// aboutSecret are the last words of names that tell something about a secret, not the secret.
var aboutSecret = set("count", "length", "len", "size", "type", "policy", "rules", "required", "enabled", "strength",
	"expired", "expires", "expiry", "at", "ttl", "age", "name", "names", "version", "field", "manager")

func set(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}
