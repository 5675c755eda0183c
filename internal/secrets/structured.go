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

// joined is a token of two parts with a mark between them.
type joined struct {
	before      *charset
	least, most int // bytes before the mark; a most of 0 is any number
	mark        string
	after       *charset
	min, max    int                                   // bytes behind it; a max of 0 is any number
	check       func(before, after, rest string) bool // nil takes any; rest is what follows
}

// joinedTokens are by the first byte of their mark.
var joinedTokens = [256][]joined{
	'.': {
		// Terraform Cloud, https://developer.hashicorp.com/terraform/cloud-docs/users-teams-organizations/api-tokens
		{alnum, 0, 0, ".atlasv1.", base64urlEq, 21, 0, nil},
		// Zhipu, https://docs.bigmodel.cn
		{hexDigit, 32, 32, ".", alnum, 16, 16, mixedAfter},
		// Bootstrap tokens of Kubernetes, https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens
		{lowerNum, 6, 6, ".", lowerNum, 16, 16, func(before, after, rest string) bool {
			goesOn := rest != "" && (nameChar[rest[0]] || rest[0] == '/' || rest[0] == '(')
			return !goesOn && hasDigit(before) && lowerMixed(after) && hexDigit.run(after, 0) < len(after)
		}},
		// Airtable, https://airtable.com/developers/web/guides/personal-access-tokens
		{alnum, 17, 17, ".", hexDigit, 64, 64, func(before, _, _ string) bool { return strings.HasPrefix(before, "pat") }},
	},
	'-': {
		// Mailgun, https://documentation.mailgun.com
		{hexDigit, 32, 32, "-", hexDash, 17, 17, func(_, after, _ string) bool { return after[8] == '-' }},
		// Mailchimp, https://mailchimp.com/developer/marketing/guides/quick-start
		{hexDigit, 32, 32, "-us", digit, 1, 0, nil},
	},
	':': {
		// Bots of Telegram, https://core.telegram.org/bots/api#authorizing-your-bot
		{digit, 8, 0, ":AA", base64url, 28, 0, nil},
		// Registration tokens of Firebase, https://firebase.google.com/docs/cloud-messaging
		{base64url, 0, 0, ":APA91b", base64url, 24, 0, nil},
	},
	'|': { // Apps of Facebook, https://developers.facebook.com/docs/facebook-login/guides/access-tokens
		{digit, 13, 17, "|", base64url, 24, 0, mixedAfter},
	},
}

func mixedAfter(_, after, _ string) bool { return mixed(after) }

// findJoined finds joinedTokens. The anchor is the character before the mark, or the colon that begins it.
func findJoined(src source, i int) (start, end int) {
	s, sign := src.s, i+1
	if s[i] == ':' {
		sign = i
	}
	for k := range joinedTokens[s[sign]] {
		j := &joinedTokens[s[sign]][k]
		from := sign + len(j.mark)
		if !j.after[at(s, from+j.min-1)] || sign < j.least || j.least > 0 && !j.before[s[sign-j.least]] || !strings.HasPrefix(s[sign:], j.mark) {
			continue
		}
		start, end = j.before.before(s, sign, 64), j.after.run(s, from)
		isLong := j.most > 0 && sign-start > j.most || j.max > 0 && end-from > j.max
		if sign-start >= j.least && end-from >= j.min && !isLong && (j.check == nil || j.check(s[start:sign], s[from:end], s[end:])) {
			return start, end
		}
	}
	return 0, 0
}

// findDiscord finds bot tokens of Discord (https://discord.com/developers/docs/reference#authentication), which have three parts.
// The anchor is the character before the first dot.
func findDiscord(src source, i int) (start, end int) {
	s, dot := src.s, i+1
	start, end = base64url.before(s, dot, 30), base64url.run(s, dot+8)
	if n := dot - start; n < 23 || n > 29 || strings.IndexByte("MNO", s[start]) < 0 || base64url.run(s[:dot+7], dot+1) != dot+7 || end < dot+8+27 {
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
