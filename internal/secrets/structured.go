package secrets

import "strings"

// The finders of this file know tokens that have no prefix but a structure: parts of fixed length and kind with signs
// between them, or a mark inside.

// before returns where the run of characters of the set begins that ends right before s[i], at most n long.
func (set *charset) before(s string, i, n int) int {
	from := i
	for from > 0 && i-from < n && set[s[from-1]] {
		from--
	}
	return from
}

// findDotted finds bot tokens of Discord (https://discord.com/developers/docs/reference#authentication), keys of Zhipu
// (https://docs.bigmodel.cn), bootstrap tokens of Kubernetes
// (https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens), tokens of Terraform Cloud and Airtable. The
// anchor is the character before the first dot.
func findDotted(src source, i int) (start, end int) {
	s, dot := src.s, i+1
	from := dot + 1
	switch {
	case strings.HasPrefix(s[dot:], ".atlasv1."):
		if end = base64urlEq.run(s, dot+9); end-dot < 30 {
			return 0, 0
		}
		return alnum.before(s, dot, 32), end
	case at(s, dot+7) == '.':
		start = base64url.before(s, dot, 30)
		if n := dot - start; n < 23 || n > 29 || strings.IndexByte("MNO", s[start]) < 0 || base64url.run(s[:dot+7], from) != dot+7 {
			return 0, 0
		}
		if end = base64url.runMax(s, dot+8, 64); end-dot < 8+27 {
			return 0, 0
		}
		return start, base64url.run(s, end)
	}
	if i < 5 || !alnum[at(s, from+15)] {
		return 0, 0
	}
	if start = dot - 32; start >= 0 && hexDigit.before(s, dot, 33) == start {
		if end = alnum.runMax(s, from, 17); end-from == 16 && mixed(s[from:end]) {
			return start, end
		}
	}
	if start = dot - 6; start >= 0 && lowerNum.before(s, dot, 7) == start && wordStart(s, start) {
		end = lowerNum.runMax(s, from, 17)
		second := s[from:end]
		if end-from == 16 && (end == len(s) || !nameChar[s[end]] && s[end] != '/' && s[end] != '(') && lowerMixed(second) && hasDigit(s[start:dot]) && hexDigit.run(second, 0) < 16 {
			return start, end
		}
	}
	if start = dot - 17; start >= 0 && strings.HasPrefix(s[start:], "pat") && alnum.before(s, dot, 18) == start {
		if end = hexDigit.runMax(s, from, 65); end-from == 64 {
			return start, end
		}
	}
	return 0, 0
}

// findHexDash finds keys of Mailgun and Mailchimp: 32 hexadecimal digits, and a part behind a dash. The anchor is the
// digit before the dash.
func findHexDash(src source, i int) (start, end int) {
	s, dash := src.s, i+1
	if start = dash - 32; start < 0 || hexDigit.before(s, dash, 33) != start {
		return 0, 0
	}
	end = hexDash.runMax(s, dash, 32)
	if end-dash == 18 && s[dash+9] == '-' {
		return start, end
	}
	if strings.HasPrefix(s[dash:], "-us") {
		if end = digit.runMax(s, dash+3, 3); end > dash+3 {
			return start, end
		}
	}
	return 0, 0
}

// findColonA finds bot tokens of Telegram (https://core.telegram.org/bots/api#authorizing-your-bot) and registration tokens
// of Firebase. The anchor is the colon, an A behind it.
func findColonA(src source, i int) (start, end int) {
	s := src.s
	end = base64url.runMax(s, i+1, 300)
	switch n := end - i - 1; {
	case n < 30:
		return 0, 0
	case digit.before(s, i, 12) <= i-8 && s[i+2] == 'A':
		return digit.before(s, i, 12), end
	case strings.HasPrefix(s[i+1:], "APA91b"):
		return base64url.before(s, i, 32), base64url.run(s, end)
	}
	return 0, 0
}

// findPipe finds access tokens of Facebook apps, id|secret (https://developers.facebook.com/docs/facebook-login/guides/access-tokens).
// The anchor is the digit before the pipe.
func findPipe(src source, i int) (start, end int) {
	s, pipe := src.s, i+1
	start = digit.before(s, pipe, 18)
	end = base64url.runMax(s, pipe+1, 48)
	if n := pipe - start; n < 13 || n > 17 || end-pipe < 25 || !mixed(s[pipe+1:end]) {
		return 0, 0
	}
	return start, end
}

// findAzure finds client secrets of Entra (three characters, a digit, Q~ and the rest) and the keys that Azure's services
// mark (https://learn.microsoft.com/azure/devops/organizations/security/secret-scanning): a mark near the end of
// base64. The anchor is the mark's.
func findAzure(src source, i int) (start, end int) {
	s := src.s
	if s[i] == 'Q' {
		start = i - 4
		if start < 0 || !digit[s[i-1]] || entraChar.before(s, i, 4) != start {
			return 0, 0
		}
		if end = entraChar.runMax(s, i+2, 48); end-i < 26 {
			return 0, 0
		}
		return start, end
	}
	for _, mark := range [...]string{"AzFu", "AzSe", "AzCa", "ACDb", "+ACR", "+ASt", "+ABa", "+ASb", "+AEh", "+ARm", "+AMC", "AIoT", "AZEG", "APIM"} {
		if !strings.HasPrefix(s[i:], mark) {
			continue
		}
		start = base64azure.before(s, i, 80)
		end = base64azure.runMax(s, i+len(mark), 16)
		if tail := end - i - len(mark); i-start < 28 || tail < 2 || tail > 12 || !mixed(s[start:i]) {
			return 0, 0
		}
		for end < len(s) && s[end] == '=' {
			end++
		}
		return start, end
	}
	return 0, 0
}

var (
	entraChar   = chars("0-9A-Za-z_~.-")
	base64azure = chars("0-9A-Za-z+/_-")
	cryptChar   = chars("0-9A-Za-z./$=,+-")
)

// findCrypt finds the hash of a password in the modular form of crypt(3): $6$salt$hash, $2b$…, $argon2id$…. The anchor is the
// first dollar sign.
func findCrypt(src source, i int) (start, end int) {
	s := src.s
	if s[i] == '{' { // {SSHA}…, RFC 2307
		if id := upperNum.runMax(s, i+1, 14); at(s, id) == '}' {
			if end = cryptChar.runMax(s, id+1, 512); end-id > 20 && random(s[id+1:end]) {
				return i, end
			}
		}
		return 0, 0
	}
	id := lowerNum.runMax(s, i+1, 10)
	if at(s, id) != '$' {
		return 0, 0
	}
	switch s[i+1 : id] {
	case "1", "2a", "2b", "2y", "5", "6", "7", "y", "gy", "apr1", "argon2i", "argon2d", "argon2id", "scrypt", "sha1", "md5":
	default:
		return 0, 0
	}
	end = cryptChar.runMax(s, id, 512)
	if end-id < 20 || !hasDigit(s[id:end]) {
		return 0, 0
	}
	return i, end
}

// findPrefixed finds what nobody has listed yet: a short word, an underscore or a dash, and at least thirty characters that
// only chance puts in such an order. Names of objects of some interfaces look like it and are no secrets. The anchor is the
// character before the sign.
func findPrefixed(src source, i int) (start, end int) {
	s, from := src.s, i+2
	if !alnum[at(s, from+29)] || !alnum[at(s, from+8)] {
		return 0, 0
	}
	end = alnum.runMax(s, from, checkLen)
	if end-from < 30 || !mixed(s[from:end]) {
		return 0, 0
	}
	start = lowerNum.before(s, i+1, 16)
	if n := i + 1 - start; n < 2 || n > 12 || !letter[s[start]] || plainPrefix[s[start:i+1]] {
		return 0, 0
	}
	return start, alnum.run(s, end)
}

var plainPrefix = set("chatcmpl", "cmpl", "msg", "toolu", "req", "resp", "call", "run", "thread", "asst", "file", "batch", "evt", "cus", "ch", "pi", "cs", "price",
	"prod", "acct", "gen", "id", "uid", "trace", "span", "rs", "fc", "ws", "request", "message", "object", "etag", "version", "digest", "hash", "commit", "blob", "image",
	"chunk", "main", "vendor", "index", "bundle", "sha256", "sha512", "sha384", "sha1", "md5", "base64", "test", "container", "session", "conv", "item")
